"""What a bundle knows of each product, from vectors of its photos: pure functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def make_prototypes(
    directions: NDArray[np.float32], vectors: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Unit rows `(products, d)`, halfway between the head's direction and the mean of the product's photos.

    The direction says what sets a product apart from the others, the mean what its photos have in common.

    Args:
        directions: the head's, unit rows `(products, d)`.
        vectors: unit rows `(photos, d)` of training photos, centred.
        labels: class ids `(photos,)`; every product has a photo.
    """
    sums = np.zeros_like(directions)
    np.add.at(sums, labels, vectors)
    return unit_rows(directions + unit_rows(sums))


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows `(n, d)` scaled to length 1; no row may be all zeros."""
    scaled: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def choose_exemplars(vectors: NDArray[np.float32], labels: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Which photos the bundle remembers, few that cover all looks of a product.

    Of each product it is the one nearest its mean, then always the one farthest from those chosen.
    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985 (greedy k-centre).

    Args:
        vectors: unit rows `(photos, d)`.
        labels: class ids `(photos,)`.
        most: photos kept of each product, at least 1.

    Returns:
        positions, by class id and then in the order of choice.
    """
    chosen: list[int] = []
    for product in np.unique(labels):
        rows = np.flatnonzero(labels == product)
        own = vectors[rows]
        order = [int((own @ own.mean(axis=0)).argmax())]
        nearest = own @ own[order[0]]
        while len(order) < min(most, len(rows)):
            order.append(int(nearest.argmin()))
            nearest = np.maximum(nearest, own @ own[order[-1]])
            nearest[order] = np.inf
        chosen.extend(rows[order].tolist())
    return np.asarray(chosen, np.intp)
