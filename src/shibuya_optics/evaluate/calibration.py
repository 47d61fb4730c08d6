"""Whether a confidence means what it says: of the answers given at 0.9, 90 % should be right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError

COLDEST, HOTTEST = 1e-3, 1e3
HALVINGS = 60


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
    claimed, came_true = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if claimed.ndim != 1 or claimed.shape != came_true.shape or claimed.size == 0 or bins < 1:
        raise InputError(
            f"confidences of shape {claimed.shape}, right answers of shape {came_true.shape}, {bins} bins: "
            f"give one of each a photo, for one photo or more, and at least one bin."
        )
    if not (claimed.min() >= 0 and claimed.max() <= 1):
        raise InputError(f"confidences from {claimed.min()} to {claimed.max()}: give values from 0 to 1.")
    bin_ids = np.searchsorted(np.sort(claimed), claimed, side="left") * bins // claimed.size
    gaps = np.bincount(bin_ids, weights=claimed - came_true, minlength=bins)
    return float(np.abs(gaps).sum() / claimed.size)


def fit_temperature(logits: ArrayLike, truth: ArrayLike) -> float:
    """The temperature, 0.001 to 1000, at which `softmax(logits / temperature)` gives the truth the most likelihood.

    Above 1 it makes confidences lower, below 1 higher; which product is first never changes. Guo et al. (2017).
    The likelihood has one peak in 1 / temperature, so that halving the range by the sign of its slope finds it.

    Args:
        logits: (photos, products), any real numbers; best of photos that the network was not trained on.
        truth: (photos,), the true product's position.

    Raises:
        InputError: there are no photos, or a position is not among the products.
    """
    scores, ids = np.asarray(logits, np.float64), np.asarray(truth)
    if scores.ndim != 2 or ids.shape != scores.shape[:1] or scores.size == 0:
        raise InputError(
            f"logits of shape {scores.shape}, truth of shape {ids.shape}: give (photos, products), (photos,)."
        )
    if ids.min() < 0 or ids.max() >= scores.shape[1]:
        raise InputError(f"truth from {ids.min()} to {ids.max()}: give positions from 0 to {scores.shape[1] - 1}.")
    below_best = scores - scores.max(axis=1, keepdims=True)
    of_truth = below_best[np.arange(len(ids)), ids]
    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _slope(below_best, of_truth, np.exp(middle)) > 0:
            low = middle
        else:
            high = middle
    return float(np.exp(-(low + high) / 2))


def _slope(below_best: NDArray[np.float64], of_truth: NDArray[np.float64], inverse: float) -> float:
    """The slope of the mean log-likelihood in 1 / temperature: the truth's logit less the expected logit."""
    weights = np.exp(below_best * inverse)
    expected = (weights * below_best).sum(axis=1) / weights.sum(axis=1)
    return float(np.mean(of_truth - expected))
