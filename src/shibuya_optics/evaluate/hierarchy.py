"""How bad a mistake is: a butter taken for another butter is nearer than one taken for a melon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shibuya_optics.errors import InputError
from shibuya_optics.labels import SEPARATOR


@dataclass(frozen=True)
class MistakeDistances:
    """How far mistakes lie in the label tree.

    Attributes:
        mean: edges; None where there is no mistake.
        counts: mistakes by their distance, ascending.
    """

    mean: float | None
    counts: dict[int, int]


def tree_distance(one: str, other: str) -> int:
    """The edges between two labels in the label tree, below one root: 0 for the same, 2 for products of one kind.

    Twice the height of their lowest common ancestor where both have as many names; Bertinetto et al. (2020), "Making Better
    Mistakes", arXiv 1912.09393.
    """
    names, others = one.split(SEPARATOR), other.split(SEPARATOR)
    common = 0
    for name, another in zip(names, others, strict=False):
        if name != another:
            break
        common += 1
    return len(names) + len(others) - 2 * common


def mistake_distances(said: Sequence[str], truth: Sequence[str]) -> MistakeDistances:
    """The distances between what was said and what is true, of photos that are wrong.

    Raises:
        InputError: there is not one label of each a photo.
    """
    if len(said) != len(truth):
        raise InputError(f"{len(said)} labels said and {len(truth)} true ones: give one of each a photo.")
    distances = [tree_distance(one, other) for one, other in zip(said, truth, strict=True)]
    mean = sum(distances) / len(distances) if distances else None
    return MistakeDistances(mean, dict(sorted(Counter(distances).items())))
