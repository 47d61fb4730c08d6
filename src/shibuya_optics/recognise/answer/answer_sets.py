"""Answer sets: the products that hold the true one with a stated probability, by split conformal prediction.

A product's surprise in a photo is what all likelier products have together (adaptive prediction sets without randomisation:
Romano, Sesia, Candès, 2020, arXiv 2006.02544). Photos that nothing was learned from say how surprising the truth is; a set holds
what is no more surprising than that, and the likeliest product in any case. The promise is for photos like the calibration photos.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.recognise.softmax import sharing

_TIED = 1e-6


@dataclass(frozen=True, eq=False)
class Calibration:
    """How surprising the truth was in photos that nothing was learned from.

    Attributes:
        surprises: of the true product, 0 to 1, `(photos,)`.
        products: its class id, `(photos,)`.
    """

    surprises: NDArray[np.float32]
    products: NDArray[np.int32]

    def limits(self, products: int, coverage: float) -> NDArray[np.float64]:
        """How surprising a product may be to stay in a set, `(products,)`: of its own photos where there are enough, else of all.

        Raises:
            InputError: the coverage is not between 0 and 1, or there are too few photos for it.
        """
        needed = photos_needed(coverage)
        if len(self.surprises) < needed:
            raise InputError(
                f"at least {needed} calibration photos are needed for answer sets of {coverage:.0%}, there are "
                f"{len(self.surprises)}: teach more photos, or ask for less."
            )
        limits = np.full(products, _quantile(self.surprises, coverage))
        counts = np.bincount(self.products, minlength=products)
        for product in np.flatnonzero(counts >= needed):
            limits[product] = _quantile(self.surprises[self.products == product], coverage)
        return limits


def photos_needed(coverage: float) -> int:
    """The fewest calibration photos with which a coverage can be promised: 9 for 90 %, 19 for 95 %.

    Raises:
        InputError: the coverage is not between 0 and 1.
    """
    if not 0 < coverage < 1:
        raise InputError(f"answer sets of coverage {coverage}: give a share between 0 and 1, as in 0.9.")
    return math.ceil(coverage / (1 - coverage) - _TIED)


def surprises(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the products likelier than each have together, 0 to 1: `(n, products)` to `(n, products)`."""
    result = np.ones(logits.shape, np.float32)
    for row, own in enumerate(logits):
        products, shares = sharing(own)
        order = np.argsort(-shares, kind="stable")
        result[row, products[order]] = np.cumsum(shares[order]) - shares[order]
    return result


def surprise(logits: NDArray[np.float32], product: int) -> float:
    """As `surprises`, of one product in one photo, from the photo's logits `(products,)`."""
    products, shares = sharing(logits)
    above = logits[products] - logits[product]
    return float(shares[(above > 0) | ((above == 0) & (products < product))].sum())


def answer_sets(logits: NDArray[np.float32], limits: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which products are in each photo's set, `(n, products)`: those within their limit, and the likeliest in any case."""
    inside: NDArray[np.bool_] = surprises(logits) <= limits + _TIED
    if inside.shape[1]:
        inside[np.arange(len(inside)), logits.argmax(axis=1)] = True
    return inside


def calibration_of(logits: NDArray[np.float32], products: NDArray[np.int32]) -> Calibration:
    """What a catalogue's own photos say, `taught_look.own_photos`, each without what it taught itself.

    Args:
        logits: of each product, `(photos, products)`.
        products: the true one of each photo, `(photos,)`.
    """
    said = [surprise(own, product) for own, product in zip(logits, products.tolist(), strict=True)]
    return Calibration(np.array(said, np.float32), products)


def _quantile(surprise: NDArray[np.float32], coverage: float) -> float:
    """The smallest value that the stated share of photos, one more counted, does not exceed."""
    rank = math.ceil((len(surprise) + 1) * coverage - _TIED)
    return float(np.sort(surprise)[rank - 1])
