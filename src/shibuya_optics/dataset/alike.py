"""The photos of a dataset that look most like a photo: a bundle remembers vectors, a dataset file has the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.contract import Pixels
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError

MOST_LOOKED_AT = 200
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """A photo of a dataset: its row, its pixels `uint8 (height, width, 3)`, and how alike it is: a cosine, -1 to 1."""

    row: int
    photo: Pixels
    cosine: float


def alike_in(
    file: PantryFile,
    label: str,
    vector: NDArray[np.float32],
    vectors: Callable[[Sequence[Pixels]], NDArray[np.float32]],
    most: int = MOST_SHOWN,
) -> list[Alike]:
    """The train photos of a product that look most like a photo, the most alike first. 200 at most are looked at.

    Args:
        file: the dataset.
        label: the product, as the file's label tree has it.
        vector: what the network sees in the photo: a unit row `(d,)`.
        vectors: what it sees in photos: unit rows `(photos, d)`.
        most: how many are given.

    Raises:
        DatasetError: the file has no train photo of the product, or is damaged.
    """
    rows = file.rows("train")
    if label in file.tree:
        rows = rows[file.labels[rows] == file.tree.id_of(label)][:MOST_LOOKED_AT]
    if label not in file.tree or not rows.size:
        raise DatasetError(f"{file.path} has no train photos of {label}: give the dataset that it was learned from.")
    photos = [file.photo(int(row)) for row in rows]
    cosines = vectors(photos) @ vector
    best = np.argsort(-cosines, kind="stable")[:most]
    return [Alike(int(rows[i]), photos[i], float(cosines[i])) for i in best]
