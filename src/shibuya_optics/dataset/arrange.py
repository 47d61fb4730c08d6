"""Which split and fold each photo of a library gets: what public sets say, and otherwise by capture groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.folds import assigned_splits, laid_folds
from shibuya_optics.dataset.groups import OWN, capture_groups, group_names
from shibuya_optics.dataset.leaks import check_leaks, find_leaks
from shibuya_optics.dataset.near import near_duplicates, thumbnail
from shibuya_optics.dataset.progress import Progress
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS, Photo
from shibuya_optics.senses import Look

BATCH = 16
NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Arrangement:
    """How a library is split.

    Attributes:
        folds: how many folds to lay over train and validation photos that have no official fold; 0 = none.
        seed: of what is left to chance.
        near: whether near-duplicates are looked for, which embeds every photo; None = where there is something to
            decide, a photo without a split or a fold to lay.
    """

    folds: int = 0
    seed: int = 0
    near: bool | None = None


@dataclass(frozen=True)
class Arranged:
    """Photos with their splits, folds and groups, what a reader of results should know, and how many groups have two or more."""

    photos: tuple[Photo, ...]
    warnings: tuple[str, ...]
    groups: int


def arranged(library: PhotoLibrary, photos: Sequence[Photo], how: Arrangement, progress: Progress) -> Arranged:
    """Give each photo its split and fold. The order of the photos changes nothing.

    Raises:
        DatasetError: photos taken together stand apart, and no public set says so; or folds cannot be laid.
        PhotoError: a photo does not read, where near-duplicates are looked for.
        MissingExtraError: folds are asked for, and scikit-learn is not installed.
    """
    photos = sorted(photos, key=_canonical)
    wanted = how.near if how.near is not None else bool(how.folds) or any(photo.split is None for photo in photos)
    pairs = _near(library, photos, progress) if wanted else np.empty((0, 2), np.intp)
    groups = capture_groups(photos, pairs)
    names, splits = group_names(photos, groups), assigned_splits(photos, groups, how.seed)
    split = [replace(photo, split=side, group=name) for photo, side, name in zip(photos, splits, names, strict=True)]
    folded = _with_folds(split, groups, how)
    undecided = any(photo.split is None for photo in photos)
    warnings = (*check_leaks(find_leaks(folded, groups)), *(_unjudged(folded) if undecided else ()), *_missing(folded))
    return Arranged(tuple(folded), warnings, int((np.bincount(groups) > 1).sum()))


def _canonical(photo: Photo) -> tuple[str, ...]:
    return photo.sha256, photo.label, photo.split or "", str(photo.fold), photo.origin, photo.group or ""


def _near(library: PhotoLibrary, photos: Sequence[Photo], progress: Progress) -> NDArray[np.intp]:
    """Pairs of near-duplicates, as the network of the shipped bundle sees them."""
    bundle = read_bundle(find_bundle())
    look = Look(bundle.embedder, bundle.contract)
    vectors, thumbnails = [], []
    starts = range(0, len(photos), BATCH)
    for start in progress(starts, "looking for near-duplicates", len(starts)):
        batch = photos[start : start + BATCH]
        side = bundle.contract.resize
        pixels = [read_photo(library.read(p), short_side=side, name=str(library.path_of(p))) for p in batch]
        vectors.append(look.vectors(pixels))
        thumbnails += [thumbnail(each) for each in pixels]
    return near_duplicates(np.concatenate(vectors), np.stack(thumbnails))


def _with_folds(photos: Sequence[Photo], groups: NDArray[np.intp], how: Arrangement) -> list[Photo]:
    """The photos, those of train and validation without an official fold laid into folds where that is asked for."""
    result = list(photos)
    rows = [i for i, photo in enumerate(photos) if photo.split != "test" and photo.fold is None]
    if how.folds:
        folds = laid_folds([photos[i].label for i in rows], groups[rows], how.folds, how.seed)
        for i, fold in zip(rows, folds.tolist(), strict=True):
            result[i] = replace(photos[i], fold=fold)
    return result


def _unjudged(photos: Sequence[Photo]) -> list[str]:
    """A warning where nothing is left to judge by: there are no own photos, or too few."""
    empty = [split for split in ("validation", "test") if not any(photo.split == split for photo in photos)]
    if not empty:
        return []
    own = sum(photo.origin == OWN for photo in photos)
    none = " and no ".join(empty)
    return [f"{own} own photos are too few, there is no {none} photo: take some of each product, on several days"]


def _missing(photos: Sequence[Photo]) -> list[str]:
    """Warnings of products that cannot be learned, or cannot be judged, in words."""
    by_split = {split: {photo.label for photo in photos if photo.split == split} for split in SPLITS}
    labels = sorted({photo.label for photo in photos})
    judged_by = {"train": "learned", "validation": "calibrated", "test": "judged"}
    warnings = []
    for split, products in by_split.items():
        without = [label for label in labels if label not in products]
        if without and products:
            named = ", ".join(without[:NAMED_AT_MOST]) + (", ..." if len(without) > NAMED_AT_MOST else "")
            warnings.append(
                f"{len(without)} of {len(labels)} products have no {split} photos and cannot be {judged_by[split]}: {named}"
            )
    return warnings
