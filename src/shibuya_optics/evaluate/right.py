"""Which photos are right, product and kind, and the shares of them: the same rule wherever something is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.accuracy import likeliest_kinds, wilson_interval
from shibuya_optics.labels import LabelTree, kind_of, roll_up
from shibuya_optics.recognise import probabilities

ALWAYS_SHOWN_APART = frozenset({"own", "web"})


@dataclass(frozen=True)
class Shares:
    """How many photos were right.

    Attributes:
        photos: how many were judged.
        accuracy: share, 0 to 1, whose best candidate is the true product.
        interval95: the Wilson interval of `accuracy`.
        accuracy_kind: share, 0 to 1, whose likeliest kind is the true kind.
    """

    photos: int
    accuracy: float
    interval95: tuple[float, float]
    accuracy_kind: float

    def as_json(self) -> dict[str, Any]:
        """The shares as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Right:
    """Of each photo, bool `(photos,)`, whether it is right.

    Attributes:
        products: the best candidate is the true product, or a variant of it.
        kinds: the kind with the largest probability together is the true kind.
    """

    products: NDArray[np.bool_]
    kinds: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Right:
        """Those of some of the photos, `(photos,)`."""
        return Right(self.products[chosen], self.kinds[chosen])

    def shares(self) -> Shares:
        """The shares.

        Raises:
            InputError: there are no photos.
        """
        photos, right = len(self.products), int(self.products.sum())
        return Shares(photos, right / max(photos, 1), wilson_interval(right, photos), float(self.kinds.mean()))

    def by_origin(self, origins: Sequence[str]) -> dict[str, Shares]:
        """The shares of each origin apart, sorted; empty where a single public set would repeat the whole.

        Raises:
            InputError: there is not one origin a photo.
        """
        if len(origins) != len(self.products):
            raise InputError(f"{len(self.products)} photos and {len(origins)} origins: give one origin a photo.")
        present = sorted(set(origins))
        if len(present) < 2 and not ALWAYS_SHOWN_APART & set(present):
            return {}
        each = np.array(origins)
        return {origin: self.where(each == origin).shares() for origin in present}


def right_of(logits: NDArray[np.float32], truth: Sequence[str], tree: LabelTree) -> Right:
    """Which photos are right.

    Args:
        logits: of each product, `(photos, products)`; their softmax is its probability.
        truth: the true label of each photo, as `as_known` gives it.
        tree: the products, in the order of the columns.
    """
    best = logits.argmax(axis=1)
    positions = {kind: i for i, kind in enumerate(tree.kinds)}
    true_kinds = np.array([positions.get(kind_of(label) or label, -1) for label in truth])
    return Right(
        products=np.array([is_right(tree.products[i], true) for i, true in zip(best, truth, strict=True)], np.bool_),
        kinds=likeliest_kinds(probabilities(logits), tree.kind_ids) == true_kinds,
    )


def as_known(label: str, tree: LabelTree) -> str:
    """A label as the tree may hold it: a variant that it does not tell apart counts as its product."""
    return label if label in tree else roll_up(label)


def is_right(said: str, true: str) -> bool:
    """Whether a product is the true one, or a variant of it."""
    return true in {said, roll_up(said)}
