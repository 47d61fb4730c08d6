"""Which photos are trained on, validated and tested on, where no official split says so; and folds for cross-validation."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.groups import OWN
from shibuya_optics.dataset.schema import NO_FOLD
from shibuya_optics.errors import DatasetError, MissingExtraError
from shibuya_optics.records import Photo, Split

# In what order own photos fill the splits: a product's first group is tested on, its second validates, and so on.
FILLED: tuple[Split, ...] = ("test", "validation", "train")


def assigned_splits(photos: Sequence[Photo], groups: NDArray[np.intp], seed: int) -> list[Split]:
    """The split of each photo; one that has an official split keeps it.

    A group goes as a whole where a photo of it with an official split is. Else a group with own photos goes to that split of
    test, validation and train, in this order, which has the fewest groups of its products so far; all other groups are
    trained on: own photos are what the recogniser is judged by, and are never spent on training alone. Groups are dealt in an
    order that the seed and the photos decide, and not the order of the photos.

    Args:
        photos: the records.
        groups: `(photos,)`, as `groups.capture_groups` gives them.
        seed: 0 or more; another seed deals other groups.
    """
    members: dict[int, list[Photo]] = {}
    for photo, group in zip(photos, groups.tolist(), strict=True):
        members.setdefault(group, []).append(photo)
    by_name = sorted(members, key=lambda group: min(photo.sha256 for photo in members[group]))
    dealt: Counter[tuple[str, Split]] = Counter()
    of_group: dict[int, Split] = {}
    for turn in np.random.default_rng(seed).permutation(len(by_name)).tolist():
        group = by_name[turn]
        of_group[group] = _split_of(members[group], dealt)
    return [photo.split or of_group[group] for photo, group in zip(photos, groups.tolist(), strict=True)]


def _split_of(together: Sequence[Photo], dealt: Counter[tuple[str, Split]]) -> Split:
    official = sorted({photo.split for photo in together if photo.split})
    if official:
        return official[0]
    if not any(photo.origin == OWN for photo in together):
        return "train"
    labels = {photo.label for photo in together}
    split = min(FILLED, key=lambda wanted: sum(dealt[label, wanted] for label in labels))
    dealt.update((label, split) for label in labels)
    return split


def laid_folds(labels: Sequence[str], groups: NDArray[np.intp], count: int, seed: int) -> NDArray[np.int8]:
    """The fold of each photo, 0 to count - 1, `(photos,)`: no group straddles, and each fold has its share of each product.

    Source: scikit-learn's `StratifiedGroupKFold`, shuffled by the seed.

    Raises:
        DatasetError: fewer than two folds, more than there are groups or photos of any product, or one stays empty.
        MissingExtraError: scikit-learn is not installed.
    """
    distinct = len(set(groups.tolist()))
    most = min(distinct, max(Counter(labels).values(), default=0), 100)
    if not 2 <= count <= most:
        raise DatasetError(
            f"{count} folds of {len(labels)} photos in {distinct} groups: give 2 or more, and at most {most}."
        )
    try:
        from sklearn.model_selection import StratifiedGroupKFold
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", "laying folds") from error
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    folds = np.full(len(labels), NO_FOLD, np.int8)
    with warnings.catch_warnings():
        # A product with fewer photos than folds is in some of them alone; `pack` says which.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for fold, (_, held_out) in enumerate(splitter.split(np.zeros(len(labels)), list(labels), groups)):
            folds[held_out] = fold
    if len(set(folds.tolist())) < count:
        raise DatasetError(f"{count} folds of {len(labels)} photos: one stays empty; give fewer, or another seed.")
    return folds
