"""The bar on the terminal while a training looks at, or reads, many photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def with_bar(items: Sequence[Item], doing: str) -> Iterable[Item]:
    """The items, with a bar on stderr that says what is done and goes away at the end."""
    from rich.console import Console
    from rich.progress import track

    return track(items, doing, console=Console(stderr=True), transient=True)
