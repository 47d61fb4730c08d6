"""How sure a look at taught products may be: a temperature of their own, from their own photos.

A network tells products that it learned apart by more than products that it was only taught, so that with the learned products'
temperature confidences in a taught pantry are far too low. Each taught photo is asked for by what the product's others taught.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.catalogue import Catalogue, Vectors
from shibuya_optics.recognise.likeness import Likeness

TEMPERATURES = np.geomspace(0.05, 20, 121)
MOST_PHOTOS = 500
"""Photos that are compared with all products, at most: more hardly move the numbers that are taken from them."""
AT_ONCE = 64
HALFWAY = 0.5
"""Photos of one product are often of one shoot, and promise too much: the temperature lies halfway, in logarithms."""


class Photos(NamedTuple):
    """Photos whose products are known, and that nothing else was learned from.

    Attributes:
        vectors: unit rows `(n, d)`.
        products: class ids `(n,)`.
        own: cosine of each to its product's prototype made without it, `(n,)`; nan where the photo taught nothing.
    """

    vectors: Vectors
    products: NDArray[np.int32]
    own: NDArray[np.float32]


def taught_photos(catalogue: Catalogue) -> Photos:
    """The photos of the taught products that have two or more."""
    size = catalogue.prototypes.shape[1]
    parts = [Photos(np.empty((0, size), np.float32), np.empty(0, np.int32), np.empty(0, np.float32))]
    for label in sorted(catalogue.taught):
        product = catalogue.tree.id_of(label)
        rows = catalogue.exemplars[catalogue.exemplar_products == product].astype(np.float32)
        if len(rows) > 1:
            sums = catalogue.prototype_weights[product] * catalogue.prototypes[product] - rows
            cosine = (rows * sums).sum(axis=1) / np.maximum(np.linalg.norm(sums, axis=1), 1e-6)
            parts.append(Photos(rows, np.full(len(rows), product, np.int32), cosine.astype(np.float32)))
    return joined(parts)


def joined(parts: list[Photos]) -> Photos:
    """Photos one after the other; at most `MOST_PHOTOS`, drawn evenly."""
    vectors, products, own = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(products) > MOST_PHOTOS:
        drawn = np.sort(np.random.default_rng(0).choice(len(products), MOST_PHOTOS, replace=False))
        vectors, products, own = vectors[drawn], products[drawn], own[drawn]
    return Photos(vectors, products, own)


def cosines_without_themselves(likeness: Likeness, photos: Photos) -> NDArray[np.float32]:
    """Cosines `(n, products)`, where what a photo taught itself is left out."""
    parts = [np.empty((0, len(likeness.catalogue.tree)), np.float32)]
    for start in range(0, len(photos.products), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        similar = likeness.cosines(photos.vectors[part])
        place = np.arange(len(similar)), photos.products[part]
        similar[place] = np.where(np.isnan(photos.own[part]), similar[place], photos.own[part])
        parts.append(similar)
    return np.concatenate(parts)


def taught_sharpness(likeness: Likeness, decision: Decision) -> float:
    """What logits are multiplied by where the best candidate was taught; 1 where no taught product has two photos.

    It is the square root of what makes the mean log loss of the true product lowest, over the taught photos.
    """
    photos = taught_photos(likeness.catalogue)
    if not len(photos.products):
        return 1.0
    logits = decision.scale * cosines_without_themselves(likeness, photos).astype(np.float64)
    row = np.arange(len(logits))
    losses = []
    for temperature in TEMPERATURES:
        warm = logits / temperature
        highest = warm.max(axis=1)
        losses.append(
            np.mean(highest + np.log(np.exp(warm - highest[:, None]).sum(axis=1)) - warm[row, photos.products])
        )
    return float((decision.temperature / TEMPERATURES[int(np.argmin(losses))]) ** HALFWAY)


def sharpened(logits: NDArray[np.float32], taught: NDArray[np.bool_], sharpness: float) -> NDArray[np.float32]:
    """Logits `(n, products)`, multiplied where the best candidate was taught, `(products,)`; the order stays."""
    if not logits.shape[1] or sharpness == 1:
        return logits
    factor = np.where(taught[logits.argmax(axis=1)], np.float32(sharpness), np.float32(1))
    return logits * factor[:, None]
