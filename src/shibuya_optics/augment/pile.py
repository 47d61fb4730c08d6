"""A pile of one product, as fruit lies in shops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.augment.studio import SQUARE, CutOut, Matrix, Sprite, turned
from shibuya_optics.contract import Pixels

# How much of a pile's ground its products would cover if they lay side by side.
HEAPED = 2.0
# How many drawings of a product a pile is made of, near and far each.
DRAWINGS = 5
# A pile has this many products or more, if the options allow.
FEWEST = 6


def draw_pile(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
    """Copies over all of the scene, or over a part of it beside the pile of a neighbour or the bare backdrop; in place."""
    size = scene.shape[0]
    cv2.convertScaleAbs(scene, scene, alpha=rng.uniform(0.25, 0.8))
    direction, reach = rng.uniform(0, 2 * math.pi), np.inf
    if rng.random() < 0.4:
        reach = rng.uniform(0.05, 0.4) * size
        if neighbours and rng.random() < 0.7:
            other = neighbours[int(rng.integers(len(neighbours)))]
            _heap(scene, other, (direction + math.pi, -reach), options, rng)
    _heap(scene, cut, (direction, reach), options, rng)


def _heap(scene: Pixels, cut: CutOut, half: tuple[float, float], options: ViewOptions, rng: Generator) -> None:
    """Copies in rough rows, from the back to the front, each turned and lit a little differently; in place.

    `half`: a direction, radians, and how far from the middle the heap reaches in it, px.
    """
    size = scene.shape[0]
    least, most = max(options.copies[0], min(FEWEST, options.copies[1])), options.copies[1]
    count = math.exp(rng.uniform(math.log(least), math.log(most)))
    pitch = size / math.sqrt(count)
    scale = pitch * math.sqrt(HEAPED / (cut.width * cut.height))
    places = _rows(size, pitch, rng)
    side = (places - size / 2) @ (math.cos(half[0]), math.sin(half[0]))
    places = places[side < half[1]]
    middle, spread = rng.uniform(0, 360), float(rng.choice([8, 25, 60, 180]))
    depth, light = rng.uniform(0, 0.35), rng.uniform(0.8, 1.05)
    gains = light * np.clip(rng.normal(1, 0.08, len(places)), 0.7, 1.15)
    # Some drawings of the product, laid again and again: in a pile, nobody tells.
    near, far = (
        [_drawn(cut, scale * share, math.radians(middle + spread * rng.normal()), rng) for _ in range(DRAWINGS)]
        for share in (1 + depth / 2, 1 - depth / 2)
    )
    chosen = rng.integers(0, DRAWINGS, len(places))
    front = rng.random(len(places)) < places[:, 1] / size
    for place, gain, drawing, is_near in zip(np.rint(places).astype(int), gains, chosen, front, strict=True):
        (near if is_near else far)[drawing].lay(scene, (int(place[0]), int(place[1])), float(gain))


def _rows(size: int, pitch: float, rng: Generator) -> Matrix:
    """Places in staggered rows over a square and a little beyond, px `(n, 2)`, far ones, which lie higher, first."""
    rows = math.ceil(size / (pitch * 0.87)) + 2
    columns = math.ceil(size / pitch) + 2
    row, column = np.mgrid[:rows, :columns]
    x = (column - 0.5 - 0.5 * (row % 2)) * pitch
    y = (row - 0.5) * pitch * 0.87
    places = np.stack([x, y], axis=2).reshape(-1, 2) + rng.uniform(-0.25, 0.25, (rows * columns, 2)) * pitch
    return np.asarray(places[np.argsort(places[:, 1])], np.float64)


def _drawn(cut: CutOut, scale: float, angle: float, rng: Generator) -> Sprite:
    """A product in about a size, turned, and seen a little from the side."""
    corners = SQUARE * (cut.width, cut.height) * scale * rng.uniform(0.88, 1.12)
    return cut.drawn(turned(corners, angle) * (1, rng.uniform(0.8, 1)))
