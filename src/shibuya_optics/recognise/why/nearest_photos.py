"""Because it looks like these: the remembered photos that lie nearest to a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.catalogue.catalogue import Catalogue

MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Remembered:
    """A remembered photo, of which the vector is kept and not the picture.

    Attributes:
        label: its product.
        number: its place among the product's remembered photos, from 1, in the order in which they were taught.
        cosine: of its vector to that of the photo in question, -1 to 1, higher = more alike.
    """

    label: str
    number: int
    cosine: float

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return asdict(self)


def nearest(
    catalogue: Catalogue, vector: NDArray[np.float32], label: str, most: int = MOST_SHOWN
) -> tuple[Remembered, ...]:
    """The photos of a product that lie nearest to a unit vector `(d,)`, the nearest first; none without a look.

    Raises:
        UnknownLabelError: the product is not there.
    """
    rows, products, ranks = catalogue.shelf
    own = np.flatnonzero(products == catalogue.tree.id_of(label))
    alike = np.vecdot(rows[own], vector)
    best = np.argsort(-alike, kind="stable")[:most]
    return tuple(Remembered(label, int(ranks[own[i]]) + 1, float(alike[i])) for i in best)


def nearest_other(
    catalogue: Catalogue, vector: NDArray[np.float32], label: str, others: Sequence[str]
) -> Remembered | None:
    """The nearest photo of the strongest other product; None where no other has a look.

    Args:
        catalogue: what is known.
        vector: unit vector `(d,)`.
        label: the product that is not meant.
        others: labels, the strongest first.
    """
    for other in others:
        if other != label and (found := nearest(catalogue, vector, other, most=1)):
            return found[0]
    return None
