"""Whether a confidence means what it says: of the answers given at 0.9, 90 % should be right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shibuya_optics.errors import InputError


@dataclass(frozen=True)
class Bin:
    """Photos that are about equally sure: how many, their mean confidence, and the share of them that is right, 0 to 1."""

    photos: int
    confidence: float
    right: float


def expected_calibration_error(confidence: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """The mean distance, 0 to 1, between what was claimed and what came true; lower is better.

    Photos are put in order of confidence and cut into `bins` of equal numbers; a bin's distance is that between its
    mean confidence and its share of right answers, and counts by its photos. Guo et al. (2017), arXiv 1706.04599, with
    the equal-mass bins of Nixon et al. (2019), arXiv 1904.01685: with equal widths, nearly all photos would share a
    bin. Photos of equal confidence share one, so that the order of the photos does not matter.

    Args:
        confidence: (photos,), 0 to 1, of the answer that was given.
        right: (photos,), whether that answer was right.
        bins: how many; with fewer photos, fewer.

    Raises:
        InputError: there are no photos, the arrays are not of one length, or a confidence is outside 0 to 1.
    """
    parts = reliability(confidence, right, bins)
    photos = sum(part.photos for part in parts)
    return float(sum(part.photos * abs(part.confidence - part.right) for part in parts) / photos)


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = 15) -> tuple[Bin, ...]:
    """The bins of `expected_calibration_error`, the least sure first; those without photos are left out.

    Raises:
        InputError: as `expected_calibration_error`.
    """
    claimed, came_true = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if claimed.ndim != 1 or claimed.shape != came_true.shape or claimed.size == 0 or bins < 1:
        raise InputError(
            f"confidences of shape {claimed.shape}, right answers of shape {came_true.shape}, {bins} bins: "
            f"give one of each a photo, for one photo or more, and at least one bin."
        )
    if not (claimed.min() >= 0 and claimed.max() <= 1):
        raise InputError(f"confidences from {claimed.min()} to {claimed.max()}: give values from 0 to 1.")
    bin_ids = np.searchsorted(np.sort(claimed), claimed, side="left") * bins // claimed.size
    members = (bin_ids == number for number in np.unique(bin_ids))
    return tuple(Bin(int(each.sum()), float(claimed[each].mean()), float(came_true[each].mean())) for each in members)
