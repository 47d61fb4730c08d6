"""How a look at taught products weighs beside one at learned products, and how sure it may be, from a catalogue's own photos.

A learned product's prototype is a direction that training found, to tell it from the others; a taught one's is the mean of its photos,
and lies nearer to what shows neither. So something is taken off taught products. And a network tells products that it learned
apart by more than products that it was only taught, so that with the learned products' temperature confidences in a taught pantry are
far too low: where the best candidate was taught, logits are multiplied. Both numbers are measured on the photos that were held out of
training and the taught ones, each of these asked for by what the product's others taught.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors
from shibuya_optics.recognise.known.shortlist import Likeness

FACTORS = np.geomspace(0.05, 20, 121)
RESERVES = np.linspace(0, 8, 161)
EXPECTED_RESERVE = 1.0
"""How large a reserve is expected to be, in log-odds: the standard deviation of a normal distribution around 0."""
MOST_PHOTOS = 500
"""Photos that are compared with all products, at most: more hardly move the numbers that are taken from them."""
AT_ONCE = 64
HALFWAY = 0.5
"""Photos of one product are often of one shoot, and promise too much: both numbers lie halfway, the factor in logarithms."""


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


def own_photos(catalogue: Catalogue) -> Photos:
    """The photos that were held out of training, and those of `taught_photos`."""
    held_out = catalogue.held_out.astype(np.float32).reshape(-1, catalogue.prototypes.shape[1])
    nothing = np.full(len(held_out), np.nan, np.float32)
    return joined([Photos(held_out, catalogue.held_out_products, nothing), taught_photos(catalogue)])


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


class TaughtLook(NamedTuple):
    """How a look at taught products weighs beside one at learned products.

    Attributes:
        reserve: taken off the logits of taught products, 0 or more.
        sharpness: what logits are multiplied by where the best candidate was taught.
    """

    reserve: float = 0.0
    sharpness: float = 1.0


def taught_look(
    photos: Photos, similar: NDArray[np.float32], taught: NDArray[np.bool_], decision: Decision
) -> TaughtLook:
    """How a look at taught products weighs, by a catalogue's own photos; as at learned ones where no taught product has two photos.

    Args:
        photos: as `own_photos` gives them.
        similar: their cosines, `cosines_without_themselves`.
        taught: which products came by teaching, `(products,)`.
        decision: the bundle's numbers.
    """
    own = taught[photos.products]
    if not own.any():
        return TaughtLook()
    logits = decision.scale / decision.temperature * similar.astype(np.float64)
    reserve = _reserve(logits, photos.products, taught)
    logits[:, taught] -= reserve
    return TaughtLook(reserve, _sharpness(logits[own], photos.products[own]))


def weighed(logits: NDArray[np.float32], taught: NDArray[np.bool_], look: TaughtLook) -> NDArray[np.float32]:
    """Logits `(n, products)` with the reserve taken off taught products, `(products,)`, and sharpened where the best was taught."""
    if not taught.any() or look == TaughtLook():
        return logits
    held_back = logits - np.where(taught, np.float32(look.reserve), np.float32(0))
    factor = np.where(taught[held_back.argmax(axis=1)], np.float32(look.sharpness), np.float32(1))
    return held_back * factor[:, None]


def _reserve(logits: NDArray[np.float64], truth: NDArray[np.int32], taught: NDArray[np.bool_]) -> float:
    """Half of what makes the log loss of the true product lowest over all photos, beside the `EXPECTED_RESERVE`."""
    if taught.all():
        return 0.0
    learned, new = _together(logits[:, ~taught]), _together(logits[:, taught])
    losses = [
        np.sum(np.logaddexp(learned, new - reserve))
        + np.sum(taught[truth]) * reserve
        + (reserve / EXPECTED_RESERVE) ** 2 / 2
        for reserve in RESERVES
    ]
    return float(HALFWAY * RESERVES[int(np.argmin(losses))])


def _sharpness(logits: NDArray[np.float64], truth: NDArray[np.int32]) -> float:
    """The square root of what makes the mean log loss of the true product lowest."""
    losses = []
    for factor in FACTORS:
        sharp = factor * logits
        losses.append(np.mean(_together(sharp) - sharp[np.arange(len(truth)), truth]))
    return float(FACTORS[int(np.argmin(losses))] ** HALFWAY)


def _together(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of the powers of e, by row."""
    highest = logits.max(axis=1)
    summed: NDArray[np.float64] = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return summed
