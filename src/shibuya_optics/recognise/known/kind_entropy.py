"""How nearly all that a look says speaks for one kind: what strangers are told by, beside what is typical."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.softmax import sharing

Floats = NDArray[np.float32]
Ids = Sequence[int] | NDArray[np.intp]
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
