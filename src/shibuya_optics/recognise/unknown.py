"""Is it anything known? Scores by versioned name, every one higher = more known: pure functions on arrays.

`CHOSEN` is the one that answers rest on; the others stand beside it in reports. `docs/decisions/0011` says how it was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.labels import nearest_of
from shibuya_optics.recognise.catalogue import Catalogue, Vectors, cosines
from shibuya_optics.recognise.decide import probabilities, sharing
from shibuya_optics.recognise.familiar import nearness
from shibuya_optics.recognise.likeness import Likeness
from shibuya_optics.recognise.trust import Trust, taught_factor
from shibuya_optics.recognise.typical import SHRINKAGE, Typical

Floats = NDArray[np.float32]
Ids = Sequence[int] | NDArray[np.intp]
CHOSEN = "typical-kind.v1"
SHARPER = 5.0
"""How much more sharply nearness cuts off beside kinds than alone, in bundles that do not know what is typical."""
LEAST_ENTROPY = 1e-3
"""Nats; from there on down one kind is as sure as another."""


def kind_certainty(logits: Floats, kind_ids: Ids) -> Floats:
    """Negative entropy among kinds, nats, `(n,)`: 0 where all speaks for one kind, lower the more kinds share a photo.

    Products of one kind may share a photo and it is known all the same; a stranger is shared by kinds that have nothing to do with
    each other. Where all products are of one kind, products take the place of kinds.

    Args:
        logits: of each product, `(n, products)`.
        kind_ids: the kind of each product, as `LabelTree.kind_ids`.
    """
    kinds = np.asarray(kind_ids, np.intp)
    if (kinds == kinds[:1]).all():
        kinds = np.arange(len(kinds))
    if len(kinds) < 2:
        return np.zeros(len(logits), np.float32)
    return np.array([_certainty(row, kinds) for row in logits], np.float32)


def _certainty(logits: Floats, kinds: NDArray[np.intp]) -> float:
    products, shares = sharing(logits)
    together = np.bincount(kinds[products], shares)
    together = together[together > 0]
    return float((together * np.log(together)).sum())


def unanimity(certainty: Floats) -> Floats:
    """How nearly all speaks for one kind, on a scale that does not crowd at its end: minus the logarithm of the entropy, -2 to 7.

    Args:
        certainty: as `kind_certainty` gives it.
    """
    logarithm: Floats = -np.log(LEAST_ENTROPY - np.minimum(certainty, 0))
    return logarithm


def log_odds(
    logits: Floats,
    near: Floats,
    kind_ids: Ids,
    decision: Decision,
    typical: Floats,
    taught: NDArray[np.bool_] | None = None,
) -> Floats:
    """Log-odds that a photo shows anything known, `(n,)`.

    Where the best candidate was learned, that is how nearly all speaks for one kind and how typical of the candidate the photo is, together.
    Where it was taught, the lower of what nearness and kinds say.

    Args:
        logits: of each product, `(n, products)`.
        near: log-odds by nearness, and by print where it was read, `(n,)`.
        kind_ids: the kind of each product.
        decision: the bundle's numbers.
        typical: how typical each photo is of its best candidate, `(n,)`, as `Typical` gives it.
        taught: whether each photo's best candidate came by teaching, `(n,)`. None = nowhere.
    """
    if not decision.kinds_slope:
        return near
    certain = kind_certainty(logits, kind_ids)
    of_taught = decision.kinds_slope * (certain - decision.kinds_midpoint)
    if decision.learned_slope:
        alike = unanimity(certain) + decision.typical_weight * typical
        of_learned = decision.learned_slope * (alike - decision.learned_midpoint)
    else:
        of_learned = np.minimum(SHARPER * near, of_taught)
    if taught is None:
        taught = np.zeros(len(near), np.bool_)
    known: Floats = np.where(taught, np.minimum(near, of_taught), of_learned).astype(np.float32)
    return known


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
