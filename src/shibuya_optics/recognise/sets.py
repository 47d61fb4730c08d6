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

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.recognise.catalogue import Catalogue, Vectors
from shibuya_optics.recognise.decide import probabilities
from shibuya_optics.recognise.likeness import Likeness

MOST_CALIBRATION = 500
"""Photos that are compared with all products, at most: more hardly move a quantile by a point."""
AT_ONCE = 64
LEAST_SHARE = 1e-9
"""Products below this share are in no set."""
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
    shares = probabilities(logits)
    result = np.ones_like(shares)
    for row, own in enumerate(shares):
        sharing = np.flatnonzero(own > LEAST_SHARE)
        order = sharing[np.argsort(-own[sharing], kind="stable")]
        likely = own[order].astype(np.float64)
        result[row, order] = np.cumsum(likely) - likely
    return result


def answer_sets(logits: NDArray[np.float32], limits: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which products are in each photo's set, `(n, products)`: those within their limit, and the likeliest in any case."""
    inside: NDArray[np.bool_] = surprises(logits) <= limits + _TIED
    if inside.shape[1]:
        inside[np.arange(len(inside)), logits.argmax(axis=1)] = True
    return inside


def calibration_of(likeness: Likeness, decision: Decision) -> Calibration:
    """What a catalogue's own photos say: those held out of training, and those taught, each without what it taught itself."""
    catalogue = likeness.catalogue
    vectors = [catalogue.held_out.astype(np.float32).reshape(-1, catalogue.prototypes.shape[1])]
    products = [catalogue.held_out_products]
    own = [np.full(len(catalogue.held_out), np.nan, np.float32)]
    for label in sorted(catalogue.taught):
        product = catalogue.tree.id_of(label)
        rows = catalogue.exemplars[catalogue.exemplar_products == product].astype(np.float32)
        if len(rows) > 1:
            vectors.append(rows)
            products.append(np.full(len(rows), product, np.int32))
            own.append(_left_out_cosines(catalogue, product, rows))
    every, ids, instead = np.concatenate(vectors), np.concatenate(products), np.concatenate(own)
    if len(every) > MOST_CALIBRATION:
        drawn = np.sort(np.random.default_rng(0).choice(len(every), MOST_CALIBRATION, replace=False))
        every, ids, instead = every[drawn], ids[drawn], instead[drawn]
    if not len(every):
        return Calibration(np.empty(0, np.float32), np.empty(0, np.int32))
    said = []
    for start in range(0, len(every), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        similar, _ = likeness(every[part])
        place = np.arange(len(similar)), ids[part]
        similar[place] = np.where(np.isnan(instead[part]), similar[place], instead[part])
        said.append(surprises((decision.scale / decision.temperature * similar).astype(np.float32))[place])
    return Calibration(np.concatenate(said), ids)


def _left_out_cosines(catalogue: Catalogue, product: int, rows: Vectors) -> NDArray[np.float32]:
    """Cosine of each of a taught product's photos to its prototype made without that photo."""
    sums = catalogue.prototype_weights[product] * catalogue.prototypes[product] - rows
    lengths = np.linalg.norm(sums, axis=1)
    cosine: NDArray[np.float32] = (rows * sums).sum(axis=1) / np.maximum(lengths, 1e-6)
    return cosine


def _quantile(surprise: NDArray[np.float32], coverage: float) -> float:
    """The smallest value that the stated share of photos, one more counted, does not exceed."""
    rank = math.ceil((len(surprise) + 1) * coverage - _TIED)
    return float(np.sort(surprise)[rank - 1])
