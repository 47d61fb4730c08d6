"""The leak check: photos that were taken together and stand on both sides of a split, or in two folds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import DatasetError
from shibuya_optics.records import Photo

NAMED_AT_MOST = 5
PUBLIC = "public:"


@dataclass(frozen=True)
class Leak:
    """Two photos of one group on two sides; `what` says of which sides."""

    first: Photo
    second: Photo
    what: str

    @property
    def official(self) -> bool:
        """Whether both photos are of a public set, whose split and folds come in unchanged."""
        return self.first.origin.startswith(PUBLIC) and self.second.origin.startswith(PUBLIC)

    def __str__(self) -> str:
        return f"{_called(self.first)} and {_called(self.second)} ({self.what})"


def find_leaks(photos: Sequence[Photo], groups: NDArray[np.intp]) -> list[Leak]:
    """The leaks of a split and a fold table; of each group, one pair for each two sides that it stands on.

    Args:
        photos: the records, with their splits and folds.
        groups: `(photos,)`, as `groups.capture_groups` gives them.
    """
    together: dict[int, list[int]] = {}
    for position, group in enumerate(groups.tolist()):
        together.setdefault(group, []).append(position)
    leaks = []
    for positions in together.values():
        for side, of in (("split", _split), ("fold", _fold)):
            for one, other in _straddling([p for p in positions if of(photos[p]) is not None], photos, of):
                what = f"{side} {of(photos[one])} and {of(photos[other])}"
                leaks.append(Leak(photos[one], photos[other], what))
    return leaks


def check_leaks(leaks: Sequence[Leak]) -> tuple[str, ...]:
    """Warnings of what official splits and folds let through, which come in unchanged; anything else is refused.

    Raises:
        DatasetError: photos of one group stand on two sides, and not because an official table says so.
    """
    ours = [leak for leak in leaks if not leak.official]
    if ours:
        raise DatasetError(
            f"the split leaks: {_listed(ours)}; photos taken together belong on one side: give them one split, or none "
            "and let `optics pack` choose."
        )
    theirs = [leak for leak in leaks if leak.official]
    if not theirs:
        return ()
    return (f"the official split or folds, kept as they are, have photos taken together apart: {_listed(theirs)}.",)


def _straddling(
    positions: Sequence[int], photos: Sequence[Photo], of: Callable[[Photo], Hashable]
) -> Iterator[tuple[int, int]]:
    first_on: dict[Hashable, int] = {}
    for position in positions:
        first_on.setdefault(of(photos[position]), position)
    sides = list(first_on.values())
    return ((one, other) for i, one in enumerate(sides) for other in sides[i + 1 :])


def _split(photo: Photo) -> str | None:
    return photo.split


def _fold(photo: Photo) -> int | None:
    return photo.fold


def _called(photo: Photo) -> str:
    return f"{photo.sha256[:12]} of {photo.label}"


def _listed(leaks: Sequence[Leak]) -> str:
    more = f", and {len(leaks) - NAMED_AT_MOST} more pairs" if len(leaks) > NAMED_AT_MOST else ""
    return "; ".join(map(str, leaks[:NAMED_AT_MOST])) + more
