"""What teaching tells: photos that do not look like the product's others, and products that look the same.

Remarks refuse nothing. Their thresholds were chosen on the train photos of the packaged products of Grocery Store, as the shipped
network sees them and as one that never saw them does, so that less than 1 in 20 products taught rightly draws a remark about a
photo; docs/decisions/0012 tells how often they are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Product, Vectors
from shibuya_optics.recognise.catalogue.teaching import unseen_rows
from shibuya_optics.recognise.known.nearness import nearness, nearness_among, nearness_between
from shibuya_optics.recognise.known.shortlist import Likeness

FEWEST = 4
"""Of fewer photos nothing is said."""
UNLIKE = 0.5
"""How much farther a photo lies from its nearest fellow than the others do from theirs (median), in cosine."""
NEARER = 0.09
"""How much nearer a photo lies to another product than to its nearest fellow, in cosine."""
SAME = 0.03
"""How much nearer the photos of two products lie to their fellows than to the other product's, where they are told apart."""
COMPARED = 5
About = Literal["unlike", "nearer", "same"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at in what was taught.

    Attributes:
        about: `unlike`, a photo looks unlike the others of the product; `nearer`, it looks more like another product; `same`,
            the product is nearly the same as another.
        photo: which photo, counted from 1; None where the remark is about the product.
        given: whether it is one of the photos just given, counted as they were given; False for one remembered before.
        product: the other product; None where there is none.
    """

    about: About
    photo: int | None = None
    given: bool = True
    product: str | None = None

    @property
    def text(self) -> str:
        """The remark as a sentence without its full stop."""
        if self.about == "same":
            return f"nearly the same as {self.product}: their photos cannot be told apart by looking"
        photo = f"{'' if self.given else 'remembered '}photo {self.photo}"
        return f"{photo} looks " + (f"more like {self.product}" if self.about == "nearer" else "unlike the others")


@dataclass(frozen=True, slots=True)
class Lesson(Product):
    """What teaching gave: the product as it is known now, and what is remarkable about its photos."""

    remarks: tuple[Remark, ...] = ()


def lesson(before: Catalogue, known: Likeness, label: str, vectors: Vectors) -> Lesson:
    """What teaching a product gave.

    Args:
        before: what was known before its photos.
        known: what is known now.
        label: of the product.
        vectors: the photos given, unit rows `(photos, d)`; without any, nothing is remarked.
    """
    product = known.catalogue.product(label)
    facts: dict[str, Any] = {part.name: getattr(product, part.name) for part in fields(product)}
    if not len(vectors):
        return Lesson(**facts)
    row = known.catalogue.tree.id_of(label)  # as before, or beyond all of before
    fresh = unseen_rows(vectors, before.exemplars[before.exemplar_products == row])
    return Lesson(**facts, remarks=remarks(known.around(row), label, fresh))


def remarks(catalogue: Catalogue, label: str, fresh: Sequence[int]) -> tuple[Remark, ...]:
    """What is remarkable about a product just taught.

    Args:
        catalogue: what is known, with the product; other products that do not look like it may be left out.
        label: of the product.
        fresh: of which of the photos given, counted from 0, the product's last exemplars are.
    """
    product = catalogue.tree.id_of(label)
    own = _photos(catalogue, product)
    if len(own) < FEWEST:
        return ()
    to_others = nearness(catalogue, own)
    to_others[:, product] = -1
    remembered = len(own) - len(fresh)
    found = []
    for row, about in odd_photos(own, to_others.max(axis=1)):
        other = catalogue.tree.products[to_others[row].argmax()] if about == "nearer" else None
        given = row >= remembered
        found.append(Remark(about, (fresh[row - remembered] if given else row) + 1, given, other))
    near = np.argsort(-to_others.mean(axis=0), kind="stable")[:COMPARED].tolist()
    same = [other for other in near if other != product and told_apart(own, _photos(catalogue, other)) < SAME]
    return (*found, *(Remark("same", product=catalogue.tree.products[other]) for other in same))


def odd_photos(own: Vectors, to_others: Vectors) -> list[tuple[int, About]]:
    """Which of a product's photos, by row, do not look like it.

    A photo is judged by its nearest fellow alone, so that a product may have many sides: two photos of a side are enough.

    Args:
        own: unit rows `(photos, d)`, two or more.
        to_others: nearness of each to the product that it is nearest to among the others, `(photos,)`.
    """
    among = own @ own.T
    np.fill_diagonal(among, -np.inf)
    nearest = among.max(axis=1)
    odd: list[tuple[int, About]] = []
    for row, cosine in enumerate(nearest):
        if to_others[row] - cosine > NEARER:
            odd.append((row, "nearer"))
        elif np.median(np.delete(nearest, row)) - cosine > UNLIKE:
            odd.append((row, "unlike"))
    return odd


def told_apart(one: Vectors, other: Vectors) -> float:
    """How much nearer the photos of two products lie to their fellows than to the other product's: 0 where they look the same.

    It is the mean, over both, of the mean nearness of their photos to the other photos of their product, less that to
    the photos of the other. Of fewer than `FEWEST` photos it would be chance, and is infinite.

    Args:
        one: unit rows `(photos, d)` of one product.
        other: of the other.
    """
    if min(len(one), len(other)) < FEWEST:
        return float("inf")
    fellows = nearness_among(one).mean() + nearness_among(other).mean()
    across = nearness_between(one, other).mean() + nearness_between(other, one).mean()
    return float(fellows - across) / 2


def _photos(catalogue: Catalogue, product: int) -> Vectors:
    rows, products, _ = catalogue.shelf
    own: Vectors = rows[products == product]
    return own
