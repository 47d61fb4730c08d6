"""What leaving out the least sure answers gains: error against the share of photos that are answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError

SURE = 0.9
"""The confidence from which on an answer counts as sure in reports."""


@dataclass(frozen=True)
class RiskCoverage:
    """The risk-coverage curve.

    Attributes:
        coverage: share of the photos answered, 0 to 1, ascending, one point a distinct confidence; the last is 1.
        risk: share of those answers that is wrong, 0 to 1.
        aurc: area under the curve, 0 to 1: the mean risk over all numbers of answers; lower is better.
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    aurc: float


@dataclass(frozen=True)
class Sure:
    """Answers of at least a confidence: their share of the photos, 0 to 1, and how many there are and are right."""

    threshold: float
    share: float
    photos: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """The share of them, 0 to 1, that is right; None where there are none."""
        return self.right / self.photos if self.photos else None


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> RiskCoverage:
    """Error against the share answered, when the most confident photos are answered first.

    El-Yaniv and Wiener, "On the foundations of noise-free selective classification", 2010; the area as Geifman, Uziel and
    El-Yaniv (2019), arXiv 1805.08206. Photos of equal confidence come together: each is wrong by their mean, so that the
    order of the photos does not matter.

    Args:
        confidence: (photos,), higher = surer.
        right: (photos,), whether the answer is right.

    Raises:
        InputError: there are no photos, the arrays are not of one length, or a confidence is not a number.
    """
    sure, answers = _checked(confidence, right)
    _, ids, counts = np.unique(-sure, return_inverse=True, return_counts=True)
    wrong = np.bincount(ids, weights=~answers)
    answered = np.cumsum(counts)
    each = np.repeat(wrong / counts, counts)
    return RiskCoverage(
        coverage=tuple((answered / sure.size).tolist()),
        risk=tuple((np.cumsum(wrong) / answered).tolist()),
        aurc=float((np.cumsum(each) / np.arange(1, sure.size + 1)).mean()),
    )


def surest(confidence: ArrayLike, right: ArrayLike, threshold: float = SURE) -> Sure:
    """The answers of at least a confidence.

    Raises:
        InputError: as `risk_coverage`.
    """
    sure, answers = _checked(confidence, right)
    chosen = sure >= threshold
    return Sure(threshold, float(chosen.mean()), int(chosen.sum()), int(answers[chosen].sum()))


def _checked(confidence: ArrayLike, right: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    sure, answers = np.asarray(confidence, np.float64), np.asarray(right, np.bool_)
    if sure.ndim != 1 or sure.shape != answers.shape or sure.size == 0 or np.isnan(sure).any():
        raise InputError(
            f"confidences of shape {sure.shape} and right answers of shape {answers.shape}: give one number and one answer "
            "a photo, for one photo or more."
        )
    return sure, answers
