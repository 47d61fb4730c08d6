"""The catalogue: what is known of each product, as vectors; teaching and forgetting are pure functions on it.

A product has a prototype, the direction in which its photos lie, and exemplars, the vectors of single photos. The
prototypes tell products apart; the exemplars tell whether a photo is like anything known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.errors import TeachError
from shibuya_optics.labels import LabelTree, kind_of, parse_label

Vectors = NDArray[np.float32]
MOST_PHOTOS = 200
SAME_PHOTO = 1e-3
"""Two unit vectors nearer than this are of one photo: the rounding to float16 moves one by at most 2**-11."""


@dataclass(frozen=True, slots=True)
class Product:
    """One line of a list of products.

    Attributes:
        label, kind: as in the label tree; kind is None for a product without one.
        photos: how many exemplars are kept of it.
        taught: True when it came by teaching from photos, False when training learned it.
    """

    label: str
    kind: str | None
    photos: int
    taught: bool


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of each product. The fields are those of a `Bundle`, where their shapes are told."""

    tree: LabelTree
    prototypes: Vectors
    prototype_weights: Vectors
    exemplars: NDArray[np.float16]
    exemplar_products: NDArray[np.int32]
    taught: frozenset[str]

    @classmethod
    def of(cls, bundle: Bundle) -> Catalogue:
        """The catalogue that a bundle holds."""
        return cls(
            tree=bundle.tree,
            prototypes=bundle.prototypes,
            prototype_weights=bundle.prototype_weights,
            exemplars=bundle.exemplars,
            exemplar_products=bundle.exemplar_products,
            taught=bundle.taught,
        )

    def into(self, bundle: Bundle) -> Bundle:
        """The bundle with this catalogue in the place of its own."""
        return replace(
            bundle,
            tree=self.tree,
            prototypes=self.prototypes,
            prototype_weights=self.prototype_weights,
            exemplars=self.exemplars,
            exemplar_products=self.exemplar_products,
            taught=self.taught,
        )

    def emptied(self) -> Catalogue:
        """The catalogue without products, for vectors of the same length."""
        nothing = slice(0, 0)
        return Catalogue(
            tree=LabelTree(()),
            prototypes=self.prototypes[nothing],
            prototype_weights=self.prototype_weights[nothing],
            exemplars=self.exemplars[nothing],
            exemplar_products=self.exemplar_products[nothing],
            taught=frozenset(),
        )

    def products(self) -> tuple[Product, ...]:
        """The products, in the order of the tree."""
        return tuple(
            Product(label, kind_of(label), int(photos), label in self.taught)
            for label, photos in zip(self.tree.products, self.photo_counts, strict=True)
        )

    @cached_property
    def photo_counts(self) -> NDArray[np.int64]:
        """Number of exemplars of each product, `(products,)`."""
        return np.bincount(self.exemplar_products, minlength=len(self.tree)).astype(np.int64)

    @cached_property
    def shelf(self) -> tuple[Vectors, NDArray[np.int32], NDArray[np.int64]]:
        """The exemplars as float32 unit rows sorted by product, with their products and their ranks within them."""
        order = np.argsort(self.exemplar_products, kind="stable")
        rows = self.exemplars[order].astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        firsts = np.cumsum(self.photo_counts) - self.photo_counts
        products = self.exemplar_products[order]
        return rows, products, np.arange(len(order)) - firsts[products]


def cosines(catalogue: Catalogue, vectors: Vectors) -> Vectors:
    """Cosine, -1 to 1, of each unit row to each product's prototype: `(n, d)` to `(n, products)`.

    Each is computed on its own, so that another product's coming or going does not change its last bit.
    """
    each: Vectors = np.vecdot(vectors[:, None, :], catalogue.prototypes[None, :, :])
    return each


def teach(catalogue: Catalogue, label: str, vectors: Vectors) -> Catalogue:
    """The catalogue with a product added, or strengthened when it is there: no other product's row changes.

    The prototype becomes the direction of the sum of all the product's photos; a learned prototype counts in that sum
    as `LEARNED_WEIGHT` photos. So the order of teaching does not matter, and a photo seen before adds nothing.

    Args:
        catalogue: what is known.
        label: of the product.
        vectors: unit rows `(photos, d)`, one a photo.

    Raises:
        LabelError: the label is not well formed.
        TeachError: no photos, too many, or photos in which there is nothing to learn.
    """
    label = parse_label(label)
    _check_teachable(label, vectors)
    tree = catalogue.tree
    row = tree.id_of(label) if label in tree else len(tree)
    fresh = _unseen(vectors, catalogue.exemplars[catalogue.exemplar_products == row])
    photos = int((catalogue.exemplar_products == row).sum()) + len(fresh)
    if photos > MOST_PHOTOS:
        raise TeachError(
            f"{label} would have {photos} photos, at most {MOST_PHOTOS} are kept of a product: give fewer."
        )
    if not len(fresh):
        return catalogue
    grown = catalogue if row < len(tree) else _with_blank_row(catalogue, label)
    return _strengthened(grown, row, fresh)


def forget(catalogue: Catalogue, label: str) -> Catalogue:
    """The catalogue without a product; the others stay as they are, in their order.

    Raises:
        UnknownLabelError: the product is not there.
    """
    row = catalogue.tree.id_of(parse_label(label))
    kept = catalogue.exemplar_products != row
    products = catalogue.exemplar_products[kept]
    return Catalogue(
        tree=LabelTree(catalogue.tree.products[:row] + catalogue.tree.products[row + 1 :]),
        prototypes=np.delete(catalogue.prototypes, row, axis=0),
        prototype_weights=np.delete(catalogue.prototype_weights, row),
        exemplars=catalogue.exemplars[kept],
        exemplar_products=products - (products > row).astype(np.int32),
        taught=catalogue.taught - {catalogue.tree.products[row]},
    )


def _check_teachable(label: str, vectors: Vectors) -> None:
    if not len(vectors):
        raise TeachError(f"no photos to teach {label} from: give at least one, better 3 to 20.")
    blank = np.flatnonzero(~vectors.any(axis=1))
    if blank.size:
        raise TeachError(f"photo {blank[0] + 1} for {label} shows nothing to learn from (is it blank?): leave it out.")


def _unseen(vectors: Vectors, seen: NDArray[np.float16]) -> Vectors:
    """The rows that are neither among `seen` nor the same as an earlier row."""
    shelf = list(seen.astype(np.float32))
    fresh = []
    for vector in vectors:
        stored = vector.astype(np.float16).astype(np.float32)
        if all(float(np.linalg.norm(stored - other)) > SAME_PHOTO for other in shelf):
            shelf.append(stored)
            fresh.append(vector)
    return np.array(fresh, np.float32).reshape(len(fresh), vectors.shape[1])


def _with_blank_row(catalogue: Catalogue, label: str) -> Catalogue:
    """The catalogue with a product of which nothing is known yet, as its last."""
    return replace(
        catalogue,
        tree=LabelTree((*catalogue.tree.products, label)),
        prototypes=np.pad(catalogue.prototypes, ((0, 1), (0, 0))),
        prototype_weights=np.pad(catalogue.prototype_weights, (0, 1)),
        taught=catalogue.taught | {label},
    )


def _strengthened(catalogue: Catalogue, row: int, fresh: Vectors) -> Catalogue:
    prototypes, weights = catalogue.prototypes.copy(), catalogue.prototype_weights.copy()
    total = weights[row] * prototypes[row].astype(np.float64) + fresh.sum(axis=0, dtype=np.float64)
    weights[row] = np.linalg.norm(total)
    if weights[row] < SAME_PHOTO:
        raise TeachError(f"the photos of {catalogue.tree.products[row]} have nothing in common: check what they show.")
    prototypes[row] = total / weights[row]
    return replace(
        catalogue,
        prototypes=prototypes,
        prototype_weights=weights,
        exemplars=np.concatenate([catalogue.exemplars, fresh.astype(np.float16)]),
        exemplar_products=np.append(catalogue.exemplar_products, np.full(len(fresh), row, np.int32)),
    )
