"""What is taken for what: counts of true against said products, and the worst confusions among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.labels import roll_up


@dataclass(frozen=True)
class Confusion:
    """Photos of one product that were taken for another; `share`, 0 to 1, of all photos of the first."""

    truth: str
    taken_for: str
    photos: int
    share: float

    def as_json(self) -> dict[str, Any]:
        """The confusion as a JSON object."""
        return asdict(self)


def confusion_matrix(truth: ArrayLike, said: ArrayLike, products: int) -> NDArray[np.int64]:
    """How many photos of each product were taken for each: `(products, products)`, rows true, columns said.

    Matrices of folds or of several datasets are pooled by adding them.

    Args:
        truth: class ids, (photos,), 0 to `products` - 1.
        said: class ids, likewise.
        products: how many there are.

    Raises:
        InputError: the arrays are not of one length, or an id is out of range.
    """
    true_ids, said_ids = np.asarray(truth, np.int64), np.asarray(said, np.int64)
    ids = np.concatenate([true_ids.ravel(), said_ids.ravel()])
    if (
        true_ids.ndim != 1
        or true_ids.shape != said_ids.shape
        or (ids.size and not 0 <= ids.min() <= ids.max() < products)
    ):
        raise InputError(
            f"class ids of shapes {true_ids.shape} and {said_ids.shape} for {products} products: give one true and one "
            f"said id a photo, each from 0 to {products - 1}."
        )
    counts = np.bincount(true_ids * products + said_ids, minlength=products * products)
    return counts.reshape(products, products).astype(np.int64)


def worst_confusions(matrix: NDArray[np.int64], labels: Sequence[str], most: int) -> list[Confusion]:
    """The confusions with the most photos, the worst first; of equals, the larger share, then the earlier label.

    A product taken for one of its variants is no confusion.

    Args:
        matrix: as `confusion_matrix` gives it.
        labels: of the products, in the order of its rows.
        most: how many to list, at most.
    """
    photos = matrix.sum(axis=1)
    found = [
        Confusion(labels[true], labels[said], int(matrix[true, said]), float(matrix[true, said] / photos[true]))
        for true, said in zip(*np.nonzero(matrix), strict=True)
        if labels[true] not in {labels[said], roll_up(labels[said])}
    ]
    return sorted(found, key=lambda each: (-each.photos, -each.share, each.truth, each.taken_for))[:most]
