"""Is it anything known? Scores by versioned name, every one higher = more known: pure functions on arrays.

`CHOSEN` is the one that answers rest on; the others stand beside it in reports. `docs/decisions/0011` says how it was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.labels import nearest_of
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors, cosines
from shibuya_optics.recognise.known.kind_entropy import kind_certainty
from shibuya_optics.recognise.known.log_odds import log_odds
from shibuya_optics.recognise.known.mahalanobis import SHRINKAGE, Typical
from shibuya_optics.recognise.known.nearness import nearness
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.known.trust_in_taught import Trust, taught_factor
from shibuya_optics.recognise.softmax import probabilities

Floats = NDArray[np.float32]
CHOSEN = "typical-kind.v1"


@dataclass(frozen=True, eq=False)
class Impression:
    """What the network sees in photos, beside what is known.

    Attributes:
        catalogue: what is known.
        decision: the bundle's numbers.
        vectors: unit rows `(n, d)`.
        differences: as a bundle holds them.
    """

    catalogue: Catalogue
    decision: Decision
    vectors: Vectors
    differences: NDArray[np.float16]

    @cached_property
    def likeness(self) -> Likeness:
        """What is known, ready for comparison."""
        return Likeness(self.catalogue, self.decision.known_midpoint)

    @cached_property
    def cosines(self) -> Floats:
        """To each product's prototype, `(n, products)`."""
        return cosines(self.catalogue, self.vectors)

    @cached_property
    def logits(self) -> Floats:
        """Calibrated, `(n, products)`."""
        return (self.decision.scale / self.decision.temperature * self.cosines).astype(np.float32)

    @cached_property
    def nearness(self) -> Floats:
        """To each product, `(n, products)`."""
        return nearness(self.catalogue, self.vectors)

    @cached_property
    def typical(self) -> Floats:
        """Of each photo's best candidate, `(n,)`."""
        return Typical(self.catalogue, self.differences)(self.vectors, self.logits.argmax(axis=1))

    @cached_property
    def distances(self) -> tuple[Floats, Floats]:
        """Squared Mahalanobis distances: the least to a product's mean `(n,)`, and to the mean of all `(n,)`."""
        rows, products, _ = self.catalogue.shelf
        means = np.zeros((len(self.catalogue.tree), rows.shape[1]), np.float64)
        np.add.at(means, products, rows)
        means /= np.maximum(self.catalogue.photo_counts, 1)[:, None]
        centre = rows.mean(axis=0, dtype=np.float64)
        within, around = _whitening(rows - means[products]), _whitening(rows - centre)
        known = means[self.catalogue.photo_counts > 0] @ within
        return _nearest_square(self.vectors @ within, known), _nearest_square(
            self.vectors @ around, centre[None] @ around
        )


def _whitening(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """The square root of the inverse of a shrunken covariance, `(d, d)`."""
    size = deviations.shape[1]
    covariance = deviations.T @ deviations / len(deviations)
    level = max(float(np.trace(covariance)) / size, 1e-9)
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(size)
    whitening: NDArray[np.float64] = np.linalg.cholesky(np.linalg.inv(shrunk))
    return whitening


def _nearest_square(points: NDArray[np.float64], means: NDArray[np.float64]) -> Floats:
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ means.T + (means**2).sum(axis=1)
    least: Floats = squares.min(axis=1).astype(np.float32)
    return least


def _max_softmax(seen: Impression) -> Floats:
    highest: Floats = probabilities(seen.logits).max(axis=1)
    return highest


def _energy(seen: Impression) -> Floats:
    highest = seen.logits.max(axis=1, keepdims=True).astype(np.float64)
    summed: Floats = (highest[:, 0] + np.log(np.exp(seen.logits - highest).sum(axis=1))).astype(np.float32)
    return summed


def _entropy(seen: Impression) -> Floats:
    return kind_certainty(seen.logits, range(seen.logits.shape[1]))


def _nearest(seen: Impression) -> Floats:
    best: Floats = (seen.nearness - seen.likeness.handicaps).max(axis=1)
    return best


def _knn(seen: Impression) -> Floats:
    rows, _, _ = seen.catalogue.shelf
    nearest: Floats = (seen.vectors @ rows.T).max(axis=1)
    return nearest


def _chosen(seen: Impression) -> Floats:
    trust = Trust(seen.catalogue.was_taught, taught_factor(seen.likeness, seen.decision))
    near = trust.by_nearness(seen.logits, seen.decision.known_slope * (_nearest(seen) - seen.decision.known_midpoint))
    kind_ids, taught = seen.catalogue.tree.kind_ids, trust.best_taught(seen.logits)
    return log_odds(seen.logits, near, kind_ids, seen.decision, seen.typical, taught)


SCORES: Mapping[str, Callable[[Impression], Floats]] = {
    # Hendrycks and Gimpel, 2017 (arXiv 1610.02136).
    "max-softmax.v1": _max_softmax,
    "entropy.v1": _entropy,
    # Liu et al., 2020 (arXiv 2010.03759).
    "energy.v1": _energy,
    "prototype.v1": lambda seen: seen.cosines.max(axis=1),
    # Sun et al., 2022 (arXiv 2204.06507): the first neighbour alone, and the mean of a product's three.
    "knn.v1": _knn,
    "nearest.v1": _nearest,
    # Lee et al., 2018 (arXiv 1807.03888), and Ren et al., 2021 (arXiv 2106.09022).
    "mahalanobis.v1": lambda seen: -seen.distances[0],
    "relative-mahalanobis.v1": lambda seen: seen.distances[1] - seen.distances[0],
    # The last, of the best candidate and in the main directions.
    "typical.v1": lambda seen: seen.typical,
    "kind-entropy.v1": lambda seen: kind_certainty(seen.logits, seen.catalogue.tree.kind_ids),
    CHOSEN: _chosen,
}


def known_score(name: str, seen: Impression) -> Floats:
    """How known each photo is by a score, `(n,)`, higher = more known.

    Raises:
        InputError: there is no such score, or nothing is known to compare with.
    """
    if name not in SCORES:
        raise InputError(f"no score {name!r}{nearest_of(name, list(SCORES))} There are {', '.join(SCORES)}.")
    if not seen.catalogue.looks.any():
        raise InputError("no product is known by its look: teach some, or give another bundle.")
    return SCORES[name](seen)
