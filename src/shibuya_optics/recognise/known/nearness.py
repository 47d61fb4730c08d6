"""Is it anything known? How near a photo lies to the remembered photos of the products, and how near is near enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors

NEAREST = 3
# Where the threshold lies between the nearest other product (0) and a product's own photos (1).
THRESHOLD_AT = 0.5


@dataclass(frozen=True, eq=False)
class Spread:
    """How a taught product's photos lie among what is known.

    Attributes:
        own: nearness of each to the product's others, `(photos,)`.
        others: nearness of each to the nearest other product, `(photos,)`.
        unlike: for how many unlike photos they count, 1 to `photos`; see `effective`.
    """

    own: Vectors
    others: Vectors
    unlike: float

    def handicap(self, midpoint: float) -> float:
        """How much nearer than `midpoint` a photo must lie to the product to count as known.

        How near is near enough differs between pantries: photos of one kitchen are all alike. A product says it by its
        own photos: the threshold lies half-way from how near they lie to the nearest other product to how near they lie to
        each other, each left out in turn. `midpoint`, which was measured on learned products, counts beside that as one photo. Photos
        of one shoot are alike whatever they show, and the next photo is of another shoot: so photos count for as many as they are
        unlike.
        """
        own, others = float(self.own.mean()), float(self.others.mean())
        threshold = others + THRESHOLD_AT * (own - others)
        return self.unlike / (self.unlike + 1) * (threshold - midpoint)


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

    It is the highest nearness to a product, less the product's handicap (`Spread.handicap`); -1 where no product is known.

    Args:
        catalogue: what is known.
        vectors: unit rows `(n, d)`.
        handicaps: `(products,)`; 0 where every product is judged alike.
    """
    if not len(catalogue.tree):
        return np.full(len(vectors), -1, np.float32)
    best: Vectors = (nearness(catalogue, vectors) - handicaps).max(axis=1).astype(np.float32)
    return best


def spread(catalogue: Catalogue, product: int) -> Spread | None:
    """Of one product, given by its class id; None where it has one photo or none, or no other product has a look."""
    if int(catalogue.photo_counts[product]) < 2 or catalogue.looks.sum() < 2:
        return None
    rows, products, _ = catalogue.shelf
    own = rows[products == product]
    others: Vectors = np.delete(nearness(catalogue, own), product, axis=1).max(axis=1)
    return Spread(nearness_among(own), others, effective(own))


def effective(photos: Vectors) -> float:
    """For how many unlike photos some count, unit rows `(photos, d)`: 1 where all are the same, `photos` where no two are alike.

    It is the participation ratio, `(sum of eigenvalues)**2 / sum of their squares`, of the matrix of their squared cosines: photos
    of different shoots are somewhat alike, too, and should count nearly in full.
    """
    return float(len(photos) ** 2 / ((photos @ photos.T) ** 4).sum())


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
