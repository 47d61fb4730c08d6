"""Shelves with copies of one product side by side, as packs stand in shops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.augment.studio import SQUARE, CutOut, Matrix, Sprite, turned
from shibuya_optics.contract import Pixels

# Heights of a shelf and of its board's lower edge, in heights of the product.
PITCH, BOARD = 1.2, 0.12


def draw_shelf(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
    """Copies around the middle, and the neighbours' beyond; in place."""
    size = scene.shape[0]
    high = size * rng.uniform(0.35, 0.9)
    squeeze = rng.uniform(0.75, 1)
    wide = high / cut.height * cut.width * squeeze
    angle = math.radians(rng.normal(0, options.tilt / 3))
    centre = size / 2 + rng.uniform(-0.15, 0.15, 2) * size
    rows, columns = math.ceil(size / high / 2) + 1, math.ceil(size / wide / 2) + 1
    own = int(rng.integers(1, 4)) if neighbours and rng.random() < 0.6 else columns + 1
    copies = [_standing(shown, (wide, high), squeeze, angle) for shown in (cut, *neighbours)]
    light, board = rng.uniform(0.75, 1.05), int(rng.integers(90, 250))
    for row in range(-rows, rows + 1):
        _board(scene, (row * PITCH + 0.5) * high, high, (angle, centre), board)
        for column in range(-columns, columns + 1):
            which = 0 if abs(column) < own or not neighbours else 1 + (column + row) % len(neighbours)
            foot = np.array([[column * wide * 1.02 + rng.normal(0, 0.015) * wide, (row * PITCH + 0.5) * high]])
            place = np.rint(turned(foot, angle)[0] + centre).astype(int)
            copies[which].lay(scene, (int(place[0]), int(place[1])), light * rng.uniform(0.9, 1.05))


def _standing(cut: CutOut, room: tuple[float, float], squeeze: float, angle: float) -> Sprite:
    """A product that stands on the origin, as high as there is room, but not much wider than it, px."""
    high = min(room[1], room[0] * 1.1 / squeeze / cut.width * cut.height)
    size = np.array([high / cut.height * cut.width * squeeze, high])
    return cut.drawn(turned((SQUARE - (0, 0.5)) * size, angle))


def _board(scene: Pixels, top: float, high: float, turn: tuple[float, Matrix], grey: int) -> None:
    """The board below a row, in place: `turn` has the shelf's angle, radians, and its middle in the scene, px."""
    far = 2.0 * scene.shape[0]
    ends = np.array([[-far, top], [far, top], [far, top + BOARD * high], [-far, top + BOARD * high]])
    cv2.fillConvexPoly(scene, np.rint(turned(ends, turn[0]) + turn[1]).astype(np.int32), [grey] * 3)
