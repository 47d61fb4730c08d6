"""How far nearness and print can be trusted where the best candidate was taught: from the taught photos themselves.

A bundle's numbers of being known were measured on learned products. How well photos and print tell a pantry's products from
strangers differs from pantry to pantry: packs of one maker share their words, and photos of one shoot their light. So each taught
photo is asked twice: as a photo of its product, by what the product's others taught; and as a stranger, by all other products. How
sharply trust rises is what makes the log loss of both lowest (logistic regression; Platt, "Probabilistic outputs for support vector
machines", 1999), beside what is expected of a pantry that nothing is known of. `docs/decisions/0013` says what that is worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision, Fusion
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.known.shortlist import Likeness

Floats = NDArray[np.float32]
EXPECTED = 0.25
"""Share of a learned product's slope that is expected of taught ones, as of products of one photo, which have no threshold of their own."""
FEWEST_KNOWN = 1.5
"""For each photo of a stranger, so many photos of taught products are expected at least."""
STRANGE_PRODUCTS = 20
"""Of so many products that were never taught photos are expected, however many were."""
FACTORS = np.geomspace(0.02, 4, 81)
MATCHES = np.linspace(0, 1, 51)
HALFWAY = 0.5
"""Readings of one product are often of one shoot, and promise too much: their numbers count half, the bundle's the other half."""
MOST_PRODUCTS = 16
"""Where products are shortlisted, of so many taught ones, drawn evenly, the photos are asked."""
MOST_READINGS = 100
"""Of so many readings, drawn evenly: a comparison takes a millisecond or two."""


@dataclass(frozen=True, eq=False)
class Trust:
    """The numbers that stand in the place of the bundle's where the best candidate was taught.

    Attributes:
        taught: whether each product came by teaching, `(products,)`.
        near: what the log-odds of being known by nearness are multiplied by.
        reading, match: `known_reading` and `known_match` of `Fusion`; 0 where print does not count.
    """

    taught: NDArray[np.bool_]
    near: float
    reading: float = 0.0
    match: float = 0.0

    def best_taught(self, logits: Floats) -> NDArray[np.bool_]:
        """Whether the best candidate of each photo was taught: `(n, products)` to `(n,)`."""
        if not self.taught.any():
            return np.zeros(len(logits), np.bool_)
        best: NDArray[np.bool_] = self.taught[logits.argmax(axis=1)]
        return best

    def of_taught(self, near: Floats) -> Floats:
        """Log-odds by nearness, given in the bundle's slope, `(n,)`, as they are where the best candidate was taught."""
        expected = max(FEWEST_KNOWN, int(self.taught.sum()) / STRANGE_PRODUCTS)
        weighed: Floats = (self.near * near + math.log(expected)).astype(np.float32)
        return weighed

    def by_nearness(self, logits: Floats, near: Floats) -> Floats:
        """Log-odds by nearness, in the bundle's slope, brought to what they are for each photo's best candidate."""
        weighed: Floats = np.where(self.best_taught(logits), self.of_taught(near), near)
        return weighed


def taught_factor(likeness: Likeness, decision: Decision) -> float:
    """`Trust.near`; 1 where nothing is taught."""
    return near_factor(*_margins(likeness), decision.known_slope) if likeness.catalogue.taught else 1.0


def near_factor(own: NDArray[np.float64], others: NDArray[np.float64], slope: float) -> float:
    """What log-odds by nearness are multiplied by for taught products; `EXPECTED` where there are no photos.

    Args:
        own: by how much each photo lies nearer to its product than the threshold, `(photos,)`.
        others: by how much it lies nearer to the nearest other product than that threshold, `(photos,)`.
        slope: log-odds for each unit of nearness, of learned products.
    """
    logits = slope * FACTORS[:, None]
    losses = (np.logaddexp(0, -logits * own).sum(axis=1) + np.logaddexp(0, logits * others).sum(axis=1)) / 2
    return float(FACTORS[int(np.argmin(losses + np.log(FACTORS / EXPECTED) ** 2 / 2))])


def readings_of(catalogue: Catalogue) -> Iterator[tuple[int, int]]:
    """Readings of taught products that have two or more, at most `MOST_READINGS`: the product, and which of its readings."""
    packs = [(catalogue.tree.id_of(label), len(catalogue.pack(label).read)) for label in sorted(catalogue.taught)]
    each = np.array([(product, i) for product, count in packs if count > 1 for i in range(count)], np.intp)
    yield from map(tuple, _evenly(each.reshape(-1, 2), MOST_READINGS).tolist())


def print_numbers(readings: NDArray[np.float64], fusion: Fusion) -> tuple[float, float]:
    """`known_reading` and `known_match` for taught products; the bundle's where there are no readings.

    Args:
        readings: a row each, as `Lexicon.set_aside` gives it: amount, match with its own product, best match with another,
            `(readings, 3)`.
        fusion: the bundle's numbers.
    """
    if not len(readings) or not fusion.known_reading:
        return fusion.known_reading, fusion.known_match
    amount, own, other = np.minimum(readings[:, 0], fusion.most), readings[:, 1], readings[:, 2]
    factors, matches = FACTORS[:, None, None], MATCHES[:, None]
    said, strange = (fusion.known_reading * factors * amount * (one - matches) for one in (own, other))
    losses = np.logaddexp(0, -said).sum(axis=2) + np.logaddexp(0, strange).sum(axis=2)
    expected = 2 * np.log(FACTORS[:, None]) ** 2 + 20 * (MATCHES - fusion.known_match) ** 2
    factor, match = np.unravel_index(int(np.argmin(losses + expected)), losses.shape)
    worth = fusion.known_reading * FACTORS[factor] ** HALFWAY
    middle = fusion.known_match + HALFWAY * (MATCHES[match] - fusion.known_match)
    return float(worth), float(middle)


def _margins(likeness: Likeness) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    products = np.flatnonzero(likeness.catalogue.was_taught & (likeness.catalogue.photo_counts > 1))
    if likeness.shortlists:
        products = _evenly(products, MOST_PRODUCTS)
    found = [spread for product in products.tolist() if (spread := likeness.spread(product))]
    ends = [spread.handicap(likeness.midpoint) + likeness.midpoint for spread in found]
    own = [spread.own - end for spread, end in zip(found, ends, strict=True)]
    others = [spread.others - end for spread, end in zip(found, ends, strict=True)]
    nothing = np.empty(0, np.float64)
    return np.concatenate([nothing, *own]), np.concatenate([nothing, *others])


def _evenly(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of the rows, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]
