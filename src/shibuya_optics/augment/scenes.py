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
from shibuya_optics.augment.pile import draw_pile
from shibuya_optics.augment.shelf import draw_shelf
from shibuya_optics.augment.studio import SQUARE, CutOut, Studio, turned
from shibuya_optics.contract import Pixels

# How often a pile, a shelf, and a single product: of packs, which stand upright, and of anything else.
SCENES = {True: (0.05, 0.25, 0.7), False: (0.75, 0.05, 0.2)}


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
        draw_pile(scene, cut, options, rng, neighbours)
    elif kind == 1:
        draw_shelf(scene, cut, options, rng, neighbours)
    else:
        _single(scene, cut, options, rng, neighbours)
    return scene


def _single(scene: Pixels, cut: CutOut, options: ViewOptions, rng: Generator, neighbours: Sequence[CutOut]) -> None:
    """One, large, before a backdrop or before shelves out of focus, mostly held by a hand; in place."""
    size = scene.shape[0]
    if rng.random() < 0.5:
        behind = [cut, *neighbours] if rng.random() < 0.5 else list(neighbours) or [cut]
        draw_shelf(scene, behind[int(rng.integers(len(behind)))], options, rng, behind)
        blur = 2 * int(rng.integers(1, 2 + size // 56)) + 1
        cv2.blur(scene, (blur, blur), scene)
        cv2.convertScaleAbs(scene, scene, alpha=rng.uniform(0.6, 1.1))
    scale = size * rng.uniform(0.65, 1.2) / cut.longest
    angle = math.radians(float(np.clip(rng.normal(0, 0.5), -1, 1)) * options.tilt)
    if not cut.boxy:
        angle = rng.uniform(0, 2 * math.pi)
    corners = (SQUARE + rng.uniform(-0.06, 0.06, (4, 2))) * (cut.width, cut.height) * scale * (rng.uniform(0.7, 1), 1)
    corners = turned(corners, angle) + size / 2 + rng.uniform(-0.1, 0.1, 2) * size
    hand = Hand.holding(corners, size, rng) if rng.random() < 0.6 else None
    if hand:
        hand.draw_behind(scene)
    cut.paste(scene, corners, rng.uniform(0.8, 1.1))
    if hand:
        hand.draw_before(scene)
