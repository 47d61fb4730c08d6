"""How a long pass over photos tells its caller where it stands, without knowing of a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Progress(Protocol):
    """A callable that hands items through and shows where they stand."""

    def __call__(self, items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        """Give `items` back, in order, while showing how many of `total` have gone by."""
        ...


def silent(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:  # noqa: ARG001 - shows nothing
    """The progress that shows nothing."""
    return items
