"""Whether answer sets hold the true product as often as they promise, and how large they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.answer.answer_sets import Calibration, answer_sets, photos_needed

COVERAGES = (0.9, 0.95)


@dataclass(frozen=True)
class SetCoverage:
    """How answer sets of one coverage did.

    Attributes:
        asked: the coverage, 0 to 1.
        needed, calibration: calibration photos needed for it, and those there are.
        coverage: share of photos whose set holds the true product; None where too few calibration photos are known.
        size: mean number of products in a set; likewise.
    """

    asked: float
    needed: int
    calibration: int
    coverage: float | None
    size: float | None

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return asdict(self)


def set_coverage(
    calibration: Calibration, logits: NDArray[np.float32], truth: NDArray[np.integer], asked: float
) -> SetCoverage:
    """Measure the sets of photos whose products are known.

    Args:
        calibration: what the sets rest on.
        logits: of each product, `(photos, products)`.
        truth: class ids `(photos,)`; -1 for a product that is not known, which no set holds.
        asked: the coverage.

    Raises:
        InputError: the coverage is not between 0 and 1.
    """
    needed, there = photos_needed(asked), len(calibration.surprises)
    if there < needed:
        return SetCoverage(asked, needed, there, None, None)
    sets = answer_sets(logits, calibration.limits(logits.shape[1], asked))
    held = sets[np.arange(len(truth)), truth] & (truth >= 0)
    return SetCoverage(asked, needed, there, float(held.mean()), float(sets.sum(axis=1).mean()))
