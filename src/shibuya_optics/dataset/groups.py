"""Capture groups: photos that were taken together, and so must never stand on both sides of a split.

Two photos are of one group when they have the same bytes, the same declared group, come from one web page, were taken by the
same person within minutes, or are near-duplicates; and so is whatever such pairs connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.records import Photo

SHOOT_SECONDS = 180
OWN, WEB = "own", "web"
Pair = tuple[int, int]


def capture_groups(photos: Sequence[Photo], near: Iterable[Pair] | NDArray[np.intp] = ()) -> NDArray[np.intp]:
    """The group of each photo, `(photos,)`: the position of the first photo of its group.

    Args:
        photos: the records, in any order; the order decides nothing but the numbers.
        near: pairs of positions of near-duplicates, as `near.near_duplicates` gives them.
    """
    parents = list(range(len(photos)))

    def root(position: int) -> int:
        while parents[position] != position:
            parents[position] = parents[parents[position]]
            position = parents[position]
        return position

    for first, second in (*_known_pairs(photos), *((int(a), int(b)) for a, b in near)):
        one, other = sorted((root(first), root(second)))
        parents[other] = one
    return np.array([root(position) for position in range(len(photos))], np.intp)


def group_names(photos: Sequence[Photo], groups: NDArray[np.intp]) -> list[str | None]:
    """What the dataset file calls each photo's group: the declared name where it has but one; None for a photo alone."""
    members: dict[int, list[Photo]] = {}
    for photo, group in zip(photos, groups.tolist(), strict=True):
        members.setdefault(group, []).append(photo)
    names = {group: _name(together) for group, together in members.items()}
    return [names[group] for group in groups.tolist()]


def _name(together: Sequence[Photo]) -> str | None:
    declared = {photo.group for photo in together if photo.group}
    if len(declared) == 1:
        return declared.pop()
    distinct = {photo.sha256 for photo in together}
    return None if len(distinct) == 1 else f"together with {min(distinct)[:16]}"


def _known_pairs(photos: Sequence[Photo]) -> Iterator[Pair]:
    first_of: dict[tuple[str, str], int] = {}
    for position, photo in enumerate(photos):
        for key in _keys(photo):
            yield first_of.setdefault(key, position), position
    yield from _shoots(photos)


def _keys(photo: Photo) -> Iterator[tuple[str, str]]:
    yield "bytes", photo.sha256
    if photo.group:
        yield "group", photo.group
    # The page of a whole source, as that of a public set, says nothing of what was taken together.
    if photo.origin == WEB and photo.page_url and photo.page_url != f"https://{photo.source}":
        yield "page", photo.page_url


def _shoots(photos: Sequence[Photo]) -> Iterator[Pair]:
    """Neighbours in time among own photos; one whose time does not read has no neighbours."""
    times = [(_seconds(photo.taken_at), i) for i, photo in enumerate(photos) if photo.origin == OWN and photo.taken_at]
    dated = sorted((seconds, i) for seconds, i in times if seconds is not None)
    for (earlier, first), (later, second) in pairwise(dated):
        if later - earlier <= SHOOT_SECONDS:
            yield first, second


def _seconds(taken_at: str | None) -> float | None:
    try:
        return datetime.fromisoformat(taken_at or "").timestamp()
    except ValueError:
        return None
