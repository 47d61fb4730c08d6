"""Teaching and forgetting: pure functions from a catalogue to a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Lines
from shibuya_optics.errors import TeachError
from shibuya_optics.labels import LabelTree, parse_label
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors

MOST_PHOTOS = 200
SAME_PHOTO = 1e-3
"""Two unit vectors nearer than this are of one photo: the rounding to float16 moves one by at most 2**-11."""


def teach(catalogue: Catalogue, label: str, vectors: Vectors, read: Sequence[Lines] = ()) -> Catalogue:
    """The catalogue with a product added, or strengthened when it is there: no other product's row changes.

    So, where a product is added by its look, the cosines and logits of the others stay as they are to the last bit, and with
    them their order; but a product without a look has the mean probability of those that have one, which the new one joins.
    Familiarity changes where the new product is the nearest to a photo, and the handicap of a taught product where the new
    one is the nearest to one of its photos; both may else change in their last bits, by rounding.

    The prototype becomes the direction of the sum of all the product's photos; a learned prototype counts in that sum
    as `LEARNED_WEIGHT` photos. So the order of teaching does not matter, and a photo seen before adds nothing.

    Args:
        catalogue: what is known.
        label: of the product.
        vectors: unit rows `(photos, d)`, one a photo.
        read: what was read in each photo; left out where nothing was to be read.

    Raises:
        LabelError: the label is not well formed.
        TeachError: no photos, too many, or photos in which there is nothing to learn.
    """
    label = parse_label(label)
    _check_teachable(label, vectors)
    tree = catalogue.tree
    row = tree.id_of(label) if label in tree else len(tree)
    unseen = unseen_rows(vectors, catalogue.exemplars[catalogue.exemplar_products == row])
    fresh = vectors[unseen]
    photos = int((catalogue.exemplar_products == row).sum()) + len(fresh)
    if photos > MOST_PHOTOS:
        raise TeachError(
            f"{label} would have {photos} photos, at most {MOST_PHOTOS} are kept of a product: give fewer."
        )
    if not len(fresh):
        return catalogue
    grown = catalogue.with_product(label)
    pack = grown.pack(label)
    lines = tuple(read[photo] for photo in unseen if read and read[photo])
    return _strengthened(grown.with_pack(label, replace(pack, read=pack.read + lines)), row, fresh)


def forget(catalogue: Catalogue, label: str) -> Catalogue:
    """The catalogue without a product; the others stay as they are, in their order.

    Raises:
        UnknownLabelError: the product is not there.
    """
    row = catalogue.tree.id_of(parse_label(label))
    kept, still = catalogue.exemplar_products != row, catalogue.held_out_products != row
    return Catalogue(
        tree=LabelTree(catalogue.tree.products[:row] + catalogue.tree.products[row + 1 :]),
        prototypes=np.delete(catalogue.prototypes, row, axis=0),
        prototype_weights=np.delete(catalogue.prototype_weights, row),
        exemplars=catalogue.exemplars[kept],
        exemplar_products=_without(catalogue.exemplar_products[kept], row),
        taught=catalogue.taught - {catalogue.tree.products[row]},
        held_out=catalogue.held_out[still],
        held_out_products=_without(catalogue.held_out_products[still], row),
        printed={other: pack for other, pack in catalogue.printed.items() if other != catalogue.tree.products[row]},
    )


def _without(products: NDArray[np.int32], row: int) -> NDArray[np.int32]:
    """Class ids once the product `row`, which is not among them, is gone."""
    return products - (products > row).astype(np.int32)


def _check_teachable(label: str, vectors: Vectors) -> None:
    if not len(vectors):
        raise TeachError(f"no photos to teach {label} from: give at least one, better 3 to 20.")
    blank = np.flatnonzero(~vectors.any(axis=1))
    if blank.size:
        raise TeachError(f"photo {blank[0] + 1} for {label} shows nothing to learn from (is it blank?): leave it out.")


def unseen_rows(vectors: Vectors, seen: NDArray[np.float16]) -> list[int]:
    """Which rows are neither among `seen` nor the same as an earlier row."""
    shelf = list(seen.astype(np.float32))
    fresh = []
    for row, vector in enumerate(vectors):
        stored = vector.astype(np.float16).astype(np.float32)
        if all(float(np.linalg.norm(stored - other)) > SAME_PHOTO for other in shelf):
            shelf.append(stored)
            fresh.append(row)
    return fresh


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
