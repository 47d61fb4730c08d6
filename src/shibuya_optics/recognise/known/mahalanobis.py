"""How typical of a learned product a photo looks, by how the photos that were trained on differ.

Photos of one product differ much along some directions, and along most next to not at all. A photo that lies off the mean of its
product along one of the latter is a stranger, though it may be near. What all products share says nothing, and counts less. That is the
relative Mahalanobis distance of Ren et al., "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection", 2021 (arXiv
2106.09022), after Lee et al., 2018 (arXiv 1807.03888): of both covariances, of photos around the means of their products and of all photos,
the `AXES` main directions are kept, and each is the same along all others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors
from shibuya_optics.recognise.known.principal_axes import main_axes

AXES = 64
SHRINKAGE = 0.1
"""Share of a multiple of the identity in a covariance: fewer photos are trained on than a vector has numbers."""


def differences(vectors: Vectors, classes: NDArray[np.integer]) -> NDArray[np.float16]:
    """Along which directions photos differ, `Bundle.differences`: of one product, and altogether, `(2, d, axes)`.

    Each column is a direction, as long as the square root of what is not counted of a squared distance along it; the unit is the
    squared distance, off the mean of the product, along the directions that are not kept.

    Args:
        vectors: unit rows `(photos, d)` of the photos trained on, centred on their mean before they were scaled.
        classes: their class ids `(photos,)`.
    """
    ids, products = np.unique(classes, return_inverse=True)
    sums = np.zeros((len(ids), vectors.shape[1]), np.float64)
    np.add.at(sums, products, vectors)
    means = (sums / np.bincount(products)[:, None]).astype(np.float32)
    around = _axes(vectors - means[products]), _axes(vectors)
    unit = around[0][1]
    kept = [axes * np.sqrt(np.maximum(unit / level - unit / scales, 0)) for axes, level, scales in around]
    return np.stack(kept).astype(np.float16)


def _axes(off: Vectors) -> tuple[Vectors, float, Vectors]:
    """Main directions `(d, axes)`, the variance along all others, and along each `(axes,)`, shrunken."""
    axes = main_axes(off, AXES)
    along = off @ axes
    variances, turn = np.linalg.eigh(along.T @ along / np.float32(len(off)))
    level = SHRINKAGE * max(float((off**2).sum()) / off.size, 1e-9)
    scales: Vectors = np.float32(1 - SHRINKAGE) * np.maximum(variances, 0) + np.float32(level)
    return axes @ turn, level, scales


class Typical:
    """How typical photos are of the learned products of a catalogue.

    Args:
        catalogue: what is known.
        differences: as `differences` gives them; without any, all photos are as typical.
    """

    def __init__(self, catalogue: Catalogue, differences: NDArray[np.float16]) -> None:
        self.catalogue = catalogue
        self._within, self._altogether = differences.astype(np.float32)
        self._means: dict[int, Vectors] = {}

    def __call__(self, vectors: Vectors, products: NDArray[np.intp]) -> NDArray[np.float32]:
        """How typical each unit row `(n, d)` is of its product, a class id, `(n,)`; higher = more typical, -4 to 0.

        It is 0 where nothing is known of how photos differ, and of a product without photos.
        """
        if not self._within.size or not len(vectors):
            return np.zeros(len(vectors), np.float32)
        off = vectors - np.stack([self._mean(product) for product in products.tolist()])
        within = (off**2).sum(axis=1) - ((off @ self._within) ** 2).sum(axis=1)
        typical: NDArray[np.float32] = -within - ((vectors @ self._altogether) ** 2).sum(axis=1)
        return np.where(self.catalogue.photo_counts[products] > 0, typical, np.float32(0))

    def _mean(self, product: int) -> Vectors:
        """The mean of a product's photos, `(d,)`; zeros where it has none."""
        if product not in self._means:
            photos = self.catalogue.only(np.array([product])).shelf[0]
            self._means[product] = photos.sum(axis=0) / np.float32(max(len(photos), 1))
        return self._means[product]
