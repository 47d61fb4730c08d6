"""Is it anything known? How near a photo lies to the remembered photos of the products, and how near is near enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.catalogue import Catalogue, Vectors

NEAREST = 3
# Where the threshold lies between the nearest other product (0) and a product's own photos (1).
THRESHOLD_AT = 0.4


def nearness(catalogue: Catalogue, vectors: Vectors) -> Vectors:
    """How near each unit row lies to each product: `(n, d)` to `(n, products)`, -1 to 1, higher = nearer.

    It is the mean cosine to the product's three nearest exemplars (all, where it has fewer; -1 where it has none). After Sun et al.,
    "Out-of-Distribution Detection with Deep Nearest Neighbors", 2022 (arXiv 2204.06507).
    """
    rows, products, ranks = catalogue.shelf
    counts = catalogue.photo_counts
    depth = max(NEAREST, int(counts.max(initial=0)))
    grouped = np.full((len(vectors), len(catalogue.tree), depth), -np.inf, np.float32)
    grouped[:, products, ranks] = vectors @ rows.T
    return _mean_of_nearest(grouped, counts)


def familiarity(catalogue: Catalogue, vectors: Vectors, handicaps: Vectors | float = 0.0) -> Vectors:
    """How like anything known each unit row is: `(n, d)` to `(n,)`, higher = better known.

    It is the highest nearness to a product, less the product's handicap; -1 where no product is known.

    Args:
        catalogue: what is known.
        vectors: unit rows `(n, d)`.
        handicaps: `(products,)`, see `handicaps`; 0 where every product is judged alike.
    """
    if not len(catalogue.tree):
        return np.full(len(vectors), -1, np.float32)
    best: Vectors = (nearness(catalogue, vectors) - handicaps).max(axis=1).astype(np.float32)
    return best


def handicaps(catalogue: Catalogue, midpoint: float) -> Vectors:
    """How much nearer than `midpoint` a photo must lie to each product to count as known, `(products,)`; 0 if learned.

    How near is near enough differs between pantries: photos of one kitchen are all alike. A taught product says it by
    its own photos: the threshold lies two fifths of the way from how near they lie to the nearest other product to how
    near they lie to each other, each left out in turn. `midpoint`, which was measured on learned products, counts beside that
    as one photo. It stands alone for a product of one photo, and where no other product is known.

    Args:
        catalogue: what is known.
        midpoint: familiarity from which a photo counts as known, for learned products.
    """
    extra = np.zeros(len(catalogue.tree), np.float32)
    for label in catalogue.taught:
        product = catalogue.tree.id_of(label)
        extra[product] = handicap(catalogue, product, midpoint)
    return extra


def handicap(catalogue: Catalogue, product: int, midpoint: float) -> float:
    """As `handicaps`, of one taught product, given by its class id."""
    photos = int(catalogue.photo_counts[product])
    if photos < 2 or catalogue.looks.sum() < 2:
        return 0.0
    own, others = _own_and_others(catalogue, product)
    threshold = others + THRESHOLD_AT * (own - others)
    return photos / (photos + 1) * (threshold - midpoint)


def _own_and_others(catalogue: Catalogue, product: int) -> tuple[float, float]:
    """Mean nearness of a product's photos to its other photos, and to the nearest other product."""
    rows, products, _ = catalogue.shelf
    own = rows[products == product]
    to_others = np.delete(nearness(catalogue, own), product, axis=1).max(axis=1)
    return float(nearness_among(own).mean()), float(to_others.mean())


def nearness_among(own: Vectors) -> Vectors:
    """How near each of a product's photos, unit rows `(photos, d)`, lies to the product's others: `(photos,)`."""
    among = own @ own.T
    np.fill_diagonal(among, -np.inf)
    return _mean_of_nearest(_padded(among), np.full(1, len(own) - 1))


def nearness_between(vectors: Vectors, photos: Vectors) -> Vectors:
    """How near each unit row `(n, d)` lies to one product's photos, unit rows `(photos, d)`: `(n,)`."""
    return _mean_of_nearest(_padded(vectors @ photos.T), np.full(1, len(photos)))


def _padded(cosines: Vectors) -> Vectors:
    return np.pad(cosines, ((0, 0), (0, NEAREST)), constant_values=-np.inf)


def _mean_of_nearest(cosines: Vectors, counts: NDArray[np.int64]) -> Vectors:
    """Mean of the `NEAREST` highest along the last axis, of as many as `counts` says there are; the rest are -inf."""
    nearest = np.partition(cosines, -NEAREST, axis=-1)[..., -NEAREST:]
    sums = np.where(np.isfinite(nearest), nearest, 0).sum(axis=-1)
    means: Vectors = np.where(counts > 0, sums / np.clip(counts, 1, NEAREST), -1).astype(np.float32)
    return means
