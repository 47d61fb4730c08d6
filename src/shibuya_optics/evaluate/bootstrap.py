"""How far chance may have moved a mean: photos are drawn anew, those of one capture group together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.accuracy import wilson_interval

RESAMPLES = 10_000
LEVEL = 0.95


def bootstrap_interval(
    right: ArrayLike, groups: Sequence[str | None] | None = None, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """The 95 % percentile interval, 0 to 1, of the share of photos that are right.

    Whole groups are drawn, with replacement (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13;
    Field and Welsh, "Bootstrapping clustered data", 2007). Where all photos are right, or none is, every draw is alike and
    would claim certainty: there the interval is Wilson's for as many photos as there are groups.

    Args:
        right: bool (photos,).
        groups: (photos,), what each photo was taken together with, None where that is not known; left out, each photo
            counts for itself.
        resamples: how many draws.
        seed: of the draws.

    Raises:
        InputError: there are no photos or no resamples, or not one group a photo.
    """
    answers = np.asarray(right, np.bool_)
    if answers.ndim != 1 or not answers.size or resamples < 1 or (groups is not None and len(groups) != answers.size):
        grouped = "no groups" if groups is None else f"{len(groups)} groups"
        raise InputError(
            f"right answers of shape {answers.shape}, {grouped}, {resamples} resamples: give one answer and one group a "
            "photo, for one photo or more, and one resample or more."
        )
    ids = group_ids(groups, answers.size)
    if answers.all() or not answers.any():
        count = int(ids.max()) + 1
        return wilson_interval(count if answers.all() else 0, count, LEVEL)
    drawn = resampled_means(answers.astype(np.int64), ids, resamples, np.random.default_rng(seed))
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def group_ids(groups: Sequence[str | None] | None, photos: int) -> NDArray[np.intp]:
    """A number, from 0, for each photo's group; a photo without one has a number of its own."""
    if groups is None:
        return np.arange(photos)
    numbers: dict[object, int] = {}
    keys = (i if group is None else group for i, group in enumerate(groups))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.intp)


def resampled_means(
    values: NDArray[np.int64], ids: NDArray[np.intp], resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The mean value of each resample, `(resamples,)`.

    Groups of equal size and equal sum of values are alike, so that it is enough to draw how many of each sort there are:
    a handful of numbers a resample in the place of one a photo.

    Args:
        values: whole numbers, (photos,).
        ids: of the photos' groups, (photos,), as `group_ids`.
        resamples: how many.
        rng: draws them.
    """
    sizes = np.bincount(ids)
    sums = np.zeros(len(sizes), np.int64)
    np.add.at(sums, ids, values)
    sorts, counts = np.unique(np.stack([sums, sizes], axis=1), axis=0, return_counts=True)
    drawn = rng.multinomial(len(sizes), counts / len(sizes), size=resamples)
    means: NDArray[np.float64] = (drawn @ sorts[:, 0]) / (drawn @ sorts[:, 1])
    return means
