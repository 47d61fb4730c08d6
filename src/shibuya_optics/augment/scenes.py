"""Scenes made of one studio picture: a pile, a shelf, one held up to the camera; as phones see products in shops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from shibuya_optics.augment.backdrops import backdrop
from shibuya_optics.augment.hand import Hand
from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.augment.studio import CutOut, Matrix, Studio
from shibuya_optics.contract import Pixels

SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
# How often a pile, a shelf, and a single product: of packs, which stand upright, and of anything else.
SCENES = {True: (0.05, 0.25, 0.7), False: (0.75, 0.05, 0.2)}
# How much of a pile's ground its products would cover if they lay side by side.
HEAPED = 2.0


def random_scene(
    cut: CutOut, size: int, options: ViewOptions, rng: Generator, around: Sequence[Pixels | Studio] = ()
) -> Pixels:
    """A scene with the product in it, once or many times: `uint8 (size, size, 3)`.

    Packs are mostly held up to the camera, or stand side by side; anything else mostly lies in a pile.

    Args:
        cut: the product.
        size: the side of the scene, px.
        options: copies, tilt.
        rng: where every draw comes from.
        around: photos that may serve as backdrops, and studios whose products may stand beside or behind this one.
    """
    photos = [item for item in around if not isinstance(item, Studio)]
    neighbours = [item.cut for item in around if isinstance(item, Studio) and item.cut]
    scene = backdrop(size, rng, photos)
    kind = int(rng.choice(3, p=SCENES[cut.boxy])) if options.copies[1] > 1 else 2
    if kind == 0:
        _pile(scene, cut, options, rng, neighbours)
    elif kind == 1:
        _shelf(scene, cut, options, rng, neighbours)
    else:
        _single(scene, cut, options, rng, neighbours)
    return scene


def _pile(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
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
    least, most = max(options.copies[0], min(6, options.copies[1])), options.copies[1]
    count = math.exp(rng.uniform(math.log(least), math.log(most)))
    pitch = size / math.sqrt(count)
    scale = pitch * math.sqrt(HEAPED / (cut.width * cut.height))
    places = _rows(size, pitch, rng)
    side = (places - size / 2) @ (math.cos(half[0]), math.sin(half[0]))
    places = places[side < half[1]]
    middle, spread = rng.uniform(0, 360), float(rng.choice([8, 25, 60, 180]))
    depth, light = rng.uniform(0, 0.35), rng.uniform(0.8, 1.05)
    angles = np.radians(middle + spread * rng.normal(0, 1, len(places)))
    sizes = scale * rng.uniform(0.88, 1.12, len(places)) * (1 + depth * (places[:, 1] / size - 0.5))
    gains = light * np.clip(rng.normal(1, 0.08, len(places)), 0.7, 1.15)
    flat = rng.uniform(0.8, 1, len(places))
    for place, angle, length, gain, low in zip(places, angles, sizes, gains, flat, strict=True):
        cut.paste(scene, _turned(cut, length, angle) * (1, low) + place, gain)


def _rows(size: int, pitch: float, rng: Generator) -> Matrix:
    """Places in staggered rows over a square and a little beyond, px `(n, 2)`, far ones, which lie higher, first."""
    rows = math.ceil(size / (pitch * 0.87)) + 2
    columns = math.ceil(size / pitch) + 2
    row, column = np.mgrid[:rows, :columns]
    x = (column - 0.5 - 0.5 * (row % 2)) * pitch
    y = (row - 0.5) * pitch * 0.87
    places = np.stack([x, y], axis=2).reshape(-1, 2) + rng.uniform(-0.25, 0.25, (rows * columns, 2)) * pitch
    return np.asarray(places[np.argsort(places[:, 1])], np.float64)


def _shelf(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
    """Shelves with copies side by side around the middle, and neighbours beyond; in place."""
    size = scene.shape[0]
    high = size * rng.uniform(0.35, 0.9)
    angle = math.radians(rng.normal(0, options.tilt / 3))
    squeeze = rng.uniform(0.75, 1)
    wide = high / cut.height * cut.width * squeeze
    columns = range(-math.ceil(size / wide / 2) - 1, math.ceil(size / wide / 2) + 2)
    own = int(rng.integers(1, 4)) if neighbours and rng.random() < 0.6 else len(columns)
    centre = size / 2 + rng.uniform(-0.15, 0.15, 2) * size
    board = [int(rng.integers(90, 250))] * 3
    light = rng.uniform(0.75, 1.05)
    for row in range(-math.ceil(size / high / 2) - 1, math.ceil(size / high / 2) + 2):
        middle = row * high * 1.2
        ends = np.array(
            [[-2 * size, 0.5 * high], [2 * size, 0.5 * high], [2 * size, 0.62 * high], [-2 * size, 0.62 * high]]
        )
        cv2.fillConvexPoly(scene, np.rint(_turn(ends + np.array([0, middle]), angle) + centre).astype(np.int32), board)
        for column in columns:
            shown = cut if abs(column) < own or not neighbours else neighbours[(column + row) % len(neighbours)]
            tall = high * rng.uniform(0.96, 1.02) * min(1.0, wide * 1.1 / (shown.width * high / shown.height))
            size_of = np.array([tall / shown.height * shown.width * squeeze, tall])
            place = (column * wide * 1.02 + rng.normal(0, 0.015) * wide, middle + (high - tall) / 2)
            shown.paste(scene, _turn(SQUARE * size_of + place, angle) + centre, light * rng.uniform(0.9, 1.05))


def _single(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
    """One, large, before a backdrop or before shelves out of focus, mostly held by a hand; in place."""
    size = scene.shape[0]
    if rng.random() < 0.5:
        behind = [cut, *neighbours] if rng.random() < 0.5 else list(neighbours) or [cut]
        _shelf(scene, behind[int(rng.integers(len(behind)))], options, rng, behind)
        blur = 2 * int(rng.integers(1, 2 + size // 56)) + 1
        cv2.blur(scene, (blur, blur), scene)
        cv2.convertScaleAbs(scene, scene, alpha=rng.uniform(0.6, 1.1))
    scale = size * rng.uniform(0.65, 1.2) / cut.longest
    angle = math.radians(float(np.clip(rng.normal(0, 0.5), -1, 1)) * options.tilt)
    if not cut.boxy:
        angle = rng.uniform(0, 2 * math.pi)
    corners = (SQUARE + rng.uniform(-0.06, 0.06, (4, 2))) * (cut.width, cut.height) * scale * (rng.uniform(0.7, 1), 1)
    corners = _turn(corners, angle) + size / 2 + rng.uniform(-0.1, 0.1, 2) * size
    hand = Hand.holding(corners, size, rng) if rng.random() < 0.6 else None
    if hand:
        hand.draw_behind(scene)
    cut.paste(scene, corners, rng.uniform(0.8, 1.1))
    if hand:
        hand.draw_before(scene)


def _turned(cut: CutOut, scale: float, angle: float) -> Matrix:
    """The corners of a product around the origin, in a size and turned, px `(4, 2)`."""
    return _turn(SQUARE * (cut.width, cut.height) * scale, angle)


def _turn(points: Matrix, angle: float) -> Matrix:
    """Points `(n, 2)` turned around the origin, clockwise as pictures show it, radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float64)
