"""The catalogue: what is known of each product.

A product has a prototype, the direction in which its photos lie, and exemplars, the vectors of single photos. The
prototypes tell products apart; the exemplars tell whether a photo is like anything known. Beside them stands what is printed
on its packs, and a product may be known by that alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, Printed
from shibuya_optics.labels import LabelTree, kind_of

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Product:
    """One line of a list of products.

    Attributes:
        label, kind: as in the label tree; kind is None for a product without one.
        photos: how many exemplars are kept of it.
        taught: True when it came by teaching, False when training learned it.
        read: in how many of its photos print was read.
        words: lines that are on its packs, as a person has told.
        barcodes: its GTINs, 14 digits.
    """

    label: str
    kind: str | None
    photos: int
    taught: bool
    read: int = 0
    words: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of each product. The fields are those of a `Bundle`, where their shapes are told."""

    tree: LabelTree
    prototypes: Vectors
    prototype_weights: Vectors
    exemplars: NDArray[np.float16]
    exemplar_products: NDArray[np.int32]
    taught: frozenset[str]
    printed: Mapping[str, Printed] = field(default_factory=dict)
    held_out: NDArray[np.float16] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    held_out_products: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

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
            held_out=bundle.held_out,
            held_out_products=bundle.held_out_products,
            printed=bundle.printed,
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
            held_out=self.held_out,
            held_out_products=self.held_out_products,
            printed=self.printed,
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
            held_out=self.held_out[nothing],
            held_out_products=self.held_out_products[nothing],
        )

    def products(self) -> tuple[Product, ...]:
        """The products, in the order of the tree."""
        return tuple(map(self.product, self.tree.products))

    def product(self, label: str) -> Product:
        """One of them.

        Raises:
            UnknownLabelError: it is not there.
        """
        photos = int(self.photo_counts[self.tree.id_of(label)])
        pack = self.pack(label)
        return Product(label, kind_of(label), photos, label in self.taught, len(pack.read), pack.told, pack.barcodes)

    def pack(self, label: str) -> Printed:
        """What is known to be printed on a product's packs; empty where nothing is."""
        return self.printed.get(label, Printed())

    def only(self, products: NDArray[np.intp]) -> Catalogue:
        """The catalogue of some of the products alone, given by their class ids, in the order given; without print and held-out photos."""
        labels = [self.tree.products[product] for product in products.tolist()]
        rows, firsts = self._by_product
        counts = self.photo_counts[products]
        places = np.arange(counts.sum()) + np.repeat(firsts[products] - np.cumsum(counts) + counts, counts)
        return Catalogue(
            tree=LabelTree(tuple(labels)),
            prototypes=self.prototypes[products],
            prototype_weights=self.prototype_weights[products],
            exemplars=self.exemplars[rows[places]],
            exemplar_products=np.repeat(np.arange(len(labels), dtype=np.int32), counts),
            taught=frozenset(label for label in labels if label in self.taught),
        )

    def with_product(self, label: str) -> Catalogue:
        """The catalogue with a product, as its last and with nothing known of it, where it is not there yet."""
        if label in self.tree:
            return self
        return replace(
            self,
            tree=LabelTree((*self.tree.products, label)),
            prototypes=np.pad(self.prototypes, ((0, 1), (0, 0))),
            prototype_weights=np.pad(self.prototype_weights, (0, 1)),
            taught=self.taught | {label},
        )

    def with_pack(self, label: str, pack: Printed) -> Catalogue:
        """The catalogue with another account of what is printed on a product."""
        return replace(self, printed={**self.printed, label: pack}) if pack else self

    @cached_property
    def looks(self) -> NDArray[np.bool_]:
        """Whether each product is known by its look, `(products,)`; the others are by what is printed on them alone."""
        return self.prototype_weights > 0

    @cached_property
    def was_taught(self) -> NDArray[np.bool_]:
        """Whether each product came by teaching, `(products,)`."""
        return np.array([label in self.taught for label in self.tree.products], np.bool_)

    @cached_property
    def legible(self) -> NDArray[np.bool_]:
        """Whether more than its name is known of a product's print, `(products,)`."""
        return np.array([self.pack(label).legible for label in self.tree.products], np.bool_)

    @cached_property
    def by_barcode(self) -> dict[str, int]:
        """The class id of each GTIN that was taught."""
        return {code: self.tree.id_of(label) for label, pack in self.printed.items() for code in pack.barcodes}

    @cached_property
    def photo_counts(self) -> NDArray[np.int64]:
        """Number of exemplars of each product, `(products,)`."""
        return np.bincount(self.exemplar_products, minlength=len(self.tree)).astype(np.int64)

    @cached_property
    def _by_product(self) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Rows of the exemplars sorted by product, and where each product's begin among them."""
        return np.argsort(self.exemplar_products, kind="stable"), np.cumsum(self.photo_counts) - self.photo_counts

    @cached_property
    def shelf(self) -> tuple[Vectors, NDArray[np.int32], NDArray[np.int64]]:
        """The exemplars as float32 unit rows sorted by product, with their products and their ranks within them."""
        order, firsts = self._by_product
        rows = self.exemplars[order].astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        products = self.exemplar_products[order]
        return rows, products, np.arange(len(order)) - firsts[products]


def cosines(catalogue: Catalogue, vectors: Vectors) -> Vectors:
    """Cosine, -1 to 1, of each unit row to each product's prototype: `(n, d)` to `(n, products)`; 0 without a look.

    Each is computed on its own, so that another product's coming or going does not change its last bit.
    """
    return cosines_to(catalogue.prototypes, vectors)


def cosines_to(prototypes: Vectors, vectors: Vectors) -> Vectors:
    """As `cosines`, to some prototypes, unit rows or zeros `(products, d)`."""
    each: Vectors = np.vecdot(vectors[:, None, :], prototypes[None, :, :])
    return each
