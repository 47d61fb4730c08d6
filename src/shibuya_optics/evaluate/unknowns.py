"""How well a score tells known products from strangers. Every score here: higher = more KNOWN."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError


@dataclass(frozen=True)
class Histograms:
    """Two histograms over the same bins: `edges` (bins + 1,), and of each bin the share, 0 to 1, of the photos of each."""

    edges: tuple[float, ...]
    known: tuple[float, ...]
    strangers: tuple[float, ...]


def auroc(known: ArrayLike, strangers: ArrayLike) -> float:
    """The probability that a random known photo scores above a random stranger; a tie counts half.

    1 is a perfect score, 0.5 is chance. The Mann-Whitney statistic: the area under the ROC curve without the curve.

    Args:
        known: (photos,), scores of photos of known products.
        strangers: (photos,), scores of photos of anything else.

    Raises:
        InputError: one of them has no photo, or a score that is not a number.
    """
    known_scores, stranger_scores = _checked(known, "known"), np.sort(_checked(strangers, "stranger"))
    below = np.searchsorted(stranger_scores, known_scores, side="left")
    not_above = np.searchsorted(stranger_scores, known_scores, side="right")
    return float((below + not_above).sum() / (2 * known_scores.size * stranger_scores.size))


def fpr_at_tpr(known: ArrayLike, strangers: ArrayLike, tpr: float = 0.95) -> float:
    """The share, 0 to 1, of strangers taken for known, when the threshold lets `tpr` of the known photos through.

    The threshold is the highest that lets at least that share through; what scores just that passes. Lower is better.

    Raises:
        InputError: one of them has no photo, a score is not a number, or `tpr` is not above 0 and at most 1.
    """
    if not 0 < tpr <= 1:
        raise InputError(f"a true positive rate of {tpr}: give one above 0, at most 1.")
    known_scores, stranger_scores = np.sort(_checked(known, "known")), _checked(strangers, "stranger")
    # The small step down keeps 0.07 * 100 = 7.000000000000001 from asking for eight photos.
    passing = math.ceil(tpr * known_scores.size - 1e-9)
    threshold = known_scores[known_scores.size - passing]
    return float(np.mean(stranger_scores >= threshold))


def shared_histogram(known: ArrayLike, strangers: ArrayLike, bins: int = 40) -> Histograms:
    """How the scores of both spread over common bins of equal width, from the lowest score of all to the highest.

    Raises:
        InputError: one of them has no photo, a score is not a finite number, or there is no bin.
    """
    known_scores, stranger_scores = _checked(known, "known"), _checked(strangers, "stranger")
    together = np.concatenate([known_scores, stranger_scores])
    if bins < 1 or not np.isfinite(together).all():
        raise InputError(f"{bins} bins of scores: give one bin or more, and scores that are finite numbers.")
    edges = np.histogram_bin_edges(together, bins)
    shares = (np.histogram(scores, edges)[0] / scores.size for scores in (known_scores, stranger_scores))
    return Histograms(tuple(edges.tolist()), *(tuple(each.tolist()) for each in shares))


def _checked(scores: ArrayLike, whose: str) -> NDArray[np.float64]:
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or values.size == 0 or np.isnan(values).any():
        raise InputError(f"{whose} scores of shape {values.shape}: give one number a photo, for one photo or more.")
    return values
