"""The packs that stand about in a photo of another."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from shibuya_optics.demo.brands import Product, pantry
from shibuya_optics.demo.camera import Matrix
from shibuya_optics.demo.packs import Surface, stand

COUNT, SEED = 24, 0x5EED
Random = np.random.Generator


def clutter(random: Random, product: Product, wall_at: float, extent: float, *, shelf: bool) -> list[list[Surface]]:
    """The surfaces of other packs, the farther first: on a shelf beside and behind the product, on a table far behind it.

    Args:
        random: draws which packs, where, and how they are turned.
        product: what the photo is of; it stands at the origin.
        wall_at: where the wall is, cm towards us, below 0.
        extent: how large the product's pack is, cm.
        shelf: whether it stands on a shelf.
    """
    stood = [*_beside(random, product), *_row_behind(random, wall_at)] if shelf else _far(random, wall_at, extent)
    stood.sort(key=lambda pack: float(pack[1][2]))
    return [stand(other, place, random.uniform(-0.5, 0.5)) for other, place in stood]


def _beside(random: Random, product: Product) -> list[tuple[Product, Matrix]]:
    """Two packs to each side of the product, with a gap that lets none touch another however it is turned."""
    stood = []
    for side in (-1, 1):
        edge = _half(product)
        for _ in range(2):
            other = _other(random)
            edge += _half(other) + random.uniform(0.3, 3)
            stood.append((other, np.array([side * edge, 0, random.uniform(-4, 0.5)])))
            edge += _half(other)
    return stood


def _row_behind(random: Random, wall_at: float) -> list[tuple[Product, Matrix]]:
    return [(_other(random), np.array([x + random.normal(0, 1), 0, wall_at + 7])) for x in np.arange(-48, 49, 16)]


def _far(random: Random, wall_at: float, extent: float) -> list[tuple[Product, Matrix]]:
    stood = []
    for _ in range(int(random.integers(1, 6))):
        depth = random.uniform(0.35, 0.85) * wall_at
        stood.append((_other(random), np.array([random.uniform(-1.1, 1.1) * (extent - 0.4 * depth), 0, depth])))
    return stood


def _half(product: Product) -> float:
    """Half of what a pack takes across, cm, however it is turned within 0.5 radians."""
    width, depth, _ = product.kind.size
    return 0.5 * width + 0.2 * depth


def _other(random: Random) -> Product:
    others = pantry_of_others()
    return others[int(random.integers(len(others)))]


@lru_cache(maxsize=1)
def pantry_of_others() -> tuple[Product, ...]:
    """The packs that stand about: of brands that no one is taught."""
    return pantry(COUNT, SEED)
