"""Is the one better than the other, and by how much: two sets of answers to the same photos, compared in pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.bootstrap import LEVEL, RESAMPLES, group_ids, resampled_means


@dataclass(frozen=True)
class Comparison:
    """How A did against B on the same photos.

    Attributes:
        photos: how many both answered.
        groups: what was resampled: photos taken together count as one, others each for itself.
        difference: the share of photos, -1 to 1, that A has right more than B; above 0, A is better.
        interval95: the 95 % percentile interval of `difference` over resamples.
        probability_better: share of the resamples, 0 to 1, in which A is better; a tie counts half.
        only_a, only_b: photos that only A, or only B, has right.
        mcnemar_p: probability, 0 to 1, of a split at least as uneven of the photos that just one has right, were both
            equally good; a check beside the interval. It takes the photos to be independent, in groups or not.
    """

    photos: int
    groups: int
    difference: float
    interval95: tuple[float, float]
    probability_better: float
    only_a: int
    only_b: int
    mcnemar_p: float

    def as_json(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return asdict(self)


def compare(
    right_a: ArrayLike,
    right_b: ArrayLike,
    groups: Sequence[str | None] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare by a paired bootstrap: whole groups are drawn, with replacement, and A and B judged on the same draw.

    After Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile interval), and Field and
    Welsh, "Bootstrapping clustered data", 2007 (groups).

    Args:
        right_a: (photos,), whether A has each photo right.
        right_b: whether B has; the same photos in the same order.
        groups: (photos,), what each photo was taken together with, None where that is not known; left out, each photo
            counts for itself.
        resamples: how many.
        seed: of the draws.

    Raises:
        InputError: there are no photos, the arrays are not of one length, or there are no resamples.
    """
    a, b = np.asarray(right_a, np.bool_), np.asarray(right_b, np.bool_)
    _check(a, b, groups, resamples)
    gains = a.astype(np.int64) - b
    drawn = resampled_means(gains, group_ids(groups, a.size), resamples, np.random.default_rng(seed))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    only_a, only_b = int((gains > 0).sum()), int((gains < 0).sum())
    return Comparison(
        photos=a.size,
        groups=a.size if groups is None else len(set(group_ids(groups, a.size).tolist())),
        difference=float(gains.mean()),
        interval95=(float(low), float(high)),
        probability_better=float(np.mean(drawn > 0) + np.mean(drawn == 0) / 2),
        only_a=only_a,
        only_b=only_b,
        mcnemar_p=mcnemar_p(only_a, only_b),
    )


def mcnemar_p(only_a: int, only_b: int) -> float:
    """The exact two-sided p-value, 0 to 1, of McNemar's test, from the photos that just one of two has right.

    Each of these photos is a fair coin where both are equally good (McNemar, 1947).

    Raises:
        InputError: a count is below 0.
    """
    if min(only_a, only_b) < 0:
        raise InputError(f"counts of photos {only_a} and {only_b}: give 0 or more.")
    tossed = only_a + only_b
    tail = sum(math.comb(tossed, heads) for heads in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / (1 << tossed))


def _check(a: NDArray[np.bool_], b: NDArray[np.bool_], groups: Sequence[str | None] | None, resamples: int) -> None:
    if a.ndim != 1 or a.shape != b.shape or a.size == 0 or (groups is not None and len(groups) != a.size):
        grouped = "no groups" if groups is None else f"{len(groups)} groups"
        raise InputError(
            f"right answers of shapes {a.shape} and {b.shape}, {grouped}: give one of each a photo, of the same photos "
            "in the same order, for one photo or more."
        )
    if resamples < 1:
        raise InputError(f"{resamples} resamples: give one or more.")
