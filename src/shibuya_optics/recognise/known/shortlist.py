"""How like each product photos look: of every product where they are few, of a shortlist of them where they are thousands.

Up to `EXACT` products nothing is left out. Above, a first pass compares a photo with all prototypes in a few dimensions,
and only the `KEPT` products that are nearest there are compared with it in full; all others count as the opposite of the photo,
so that they have next to no share in the answer, whatever is read. Memory and time grow linearly with the products.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors, cosines, cosines_to
from shibuya_optics.recognise.known.nearness import Spread, familiarity, nearness, spread
from shibuya_optics.recognise.known.principal_axes import main_axes

EXACT = 1024
"""The handicaps of so many taught products take seconds; they grow with the square of the products."""
KEPT = 256
LIKELY = 32
"""Of so many products, those of the highest cosines, the remembered photos are compared where products are shortlisted."""
NEIGHBOURS = 16
"""Among so many products a photo's nearest other is sought for a handicap."""
JUDGED = 3
"""Of so many products, the nearest, a handicap is taken off where products are shortlisted."""
DIMENSIONS = 96
OPPOSITE = -1.0
Ids = NDArray[np.intp]


class Likeness:
    """A catalogue's answer to photos, `(n, d)` unit rows: cosines `(n, products)` and familiarity `(n,)`.

    Up to `EXACT` products these are `cosines` and `familiarity`, to the last bit. Above, cosines of products that are not
    shortlisted are -1, familiarity is sought among the `LIKELY`, and only the `JUDGED` nearest of them are judged by their
    handicaps, each of which is measured among its nearest neighbours when it is first needed.

    Args:
        catalogue: what is known.
        midpoint: familiarity from which a photo counts as known, for learned products.

    Attributes:
        catalogue, midpoint: as given.
        shortlists: whether some products are left out; where not, there is no shortlist.
    """

    def __init__(self, catalogue: Catalogue, midpoint: float) -> None:
        self.catalogue = catalogue
        self.midpoint = midpoint
        self.shortlists = len(catalogue.tree) > EXACT
        self._measured: dict[int, Spread | None] = {}
        if self.shortlists:
            self._axes = main_axes(catalogue.prototypes, DIMENSIONS)
            self.sketches = catalogue.prototypes @ self._axes

    def __call__(self, vectors: Vectors) -> tuple[Vectors, Vectors]:
        """Cosines `(n, products)`, -1 to 1, and familiarity `(n,)`, higher = better known."""
        known = self.catalogue
        if not self.shortlists:
            return cosines(known, vectors), familiarity(known, vectors, self.handicaps)
        likeness = np.full((len(vectors), len(known.tree)), OPPOSITE, np.float32)
        familiar = np.empty(len(vectors), np.float32)
        for row, listed in enumerate(self.shortlist(vectors)):
            vector = vectors[row : row + 1]
            likeness[row, listed] = cosines_to(known.prototypes[listed], vector)[0]
            likely = listed[np.argsort(-likeness[row, listed], kind="stable")[:LIKELY]]
            near = nearness(known.only(likely), vector)[0]
            judged = np.argsort(-near, kind="stable")[:JUDGED]
            familiar[row] = max(near[i] - self.handicap(int(likely[i])) for i in judged)
        return likeness, familiar

    def cosines(self, vectors: Vectors) -> Vectors:
        """The cosines alone, for measuring: many at once are quicker, and may differ in their last bits."""
        return self(vectors)[0] if self.shortlists else vectors @ self.catalogue.prototypes.T

    def shortlist(self, vectors: Vectors, count: int | None = None) -> Ids:
        """The class ids of the products that the first pass finds nearest to each unit row, ascending: `(n, count)`, `KEPT` of them if not said."""
        count = count or KEPT
        coarse = (vectors @ self._axes) @ self.sketches.T
        return np.sort(np.argpartition(coarse, -count, axis=1)[:, -count:], axis=1)

    def around(self, product: int) -> Catalogue:
        """A product, the first, and those near its photos; the whole catalogue, as it is, where it is small."""
        if not self.shortlists:
            return self.catalogue
        own = self.catalogue.only(np.array([product])).shelf[0]
        near = np.unique(self.shortlist(own, NEIGHBOURS))
        return self.catalogue.only(np.concatenate([[product], near[near != product]]))

    def spread(self, product: int) -> Spread | None:
        """How the photos of a product lie among what is known, or near it; measured once, when first needed."""
        if product not in self._measured:
            among = (self.around(product), 0) if self.shortlists else (self.catalogue, product)
            self._measured[product] = spread(*among)
        return self._measured[product]

    def handicap(self, product: int) -> float:
        """How much nearer than others a photo must lie to a product; 0 for learned ones, and where it has no spread."""
        found = self.spread(product) if self.catalogue.was_taught[product] else None
        return found.handicap(self.midpoint) if found else 0.0

    @cached_property
    def handicaps(self) -> Vectors:
        """Of each product, `(products,)`."""
        return np.array([self.handicap(product) for product in range(len(self.catalogue.tree))], np.float32)
