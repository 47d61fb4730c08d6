"""What stands behind the products of a rendered scene: rendered surfaces, or given photos."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from shibuya_optics.contract import Pixels

# Wood, cardboard, steel, dark plastic crates, white shelves: their colours, RGB.
MATERIALS = np.array([[150, 110, 70], [185, 150, 110], [165, 168, 170], [45, 48, 50], [225, 225, 220]], np.float32)


def backdrop(size: int, rng: Generator, photos: Sequence[Pixels] = ()) -> Pixels:
    """A backdrop `uint8 (size, size, 3)`: now and then one of the photos, out of focus, where there are any."""
    if photos and rng.random() < 0.5:
        return _photo(photos[int(rng.integers(len(photos)))], size, rng)
    draw = (_gradient, _texture, _boards, _clutter, _shelves)[int(rng.choice(5, p=[0.1, 0.15, 0.2, 0.2, 0.35]))]
    return draw(size, rng)


def _photo(photo: Pixels, size: int, rng: Generator) -> Pixels:
    """A square cut of a photo, half of it to all, blurred."""
    side = int(min(photo.shape[:2]) * rng.uniform(0.5, 1))
    top, left = (int(rng.integers(0, length - side + 1)) for length in photo.shape[:2])
    part = cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
    return _blurred(np.asarray(part, np.uint8), rng.uniform(0.5, 4))


def _gradient(size: int, rng: Generator) -> Pixels:
    """Up to nine muted colours that run into one another."""
    corners = _muted(rng.integers(0, 256, (*rng.integers(2, 4, 2), 3)).astype(np.float32), rng)
    return _stretched(corners, size)


def _texture(size: int, rng: Generator) -> Pixels:
    """A material with noise at several scales."""
    tone = np.full((size, size), 128, np.float32)
    for cells in (3, 9, 27, 81):
        grain = rng.normal(0, rng.uniform(2, 16), (cells, cells)).astype(np.float32)
        tone += cv2.resize(grain, (size, size), interpolation=cv2.INTER_LINEAR)
    return _coloured(np.clip(tone, 0, 255).astype(np.uint8), rng)


def _boards(size: int, rng: Generator) -> Pixels:
    """Boards, slats or cardboard ribs: stripes of a material with dark joints and grain along them, turned at will."""
    side = math.ceil(size * 1.5)
    count = int(rng.integers(3, 12))
    board = math.ceil(side / count)
    across = np.repeat(1 + rng.normal(0, 0.1, count), board)[:side] + rng.normal(0, 0.03, side)
    across[np.arange(side) % board < max(2, board // 10)] *= rng.uniform(0.3, 0.8)
    grain = cv2.resize(rng.normal(0, 6, (48, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    tone = np.clip(grain + (128 * across.astype(np.float32))[:, None], 0, 255).astype(np.uint8)
    turned = _turned(tone, size, rng.choice([0, 90]) + rng.normal(0, 15))
    return _coloured(_blurred(turned, rng.uniform(0.3, 2)), rng)


def _clutter(size: int, rng: Generator) -> Pixels:
    """Blobs and boxes of any colour, out of focus."""
    picture = _gradient(size, rng)
    for _ in range(int(rng.integers(8, 30))):
        colour = [int(tone) for tone in rng.integers(0, 256, 3)]
        centre, axes = rng.uniform(0, size, 2), rng.uniform(0.04, 0.25, 2) * size
        turn = rng.uniform(0, 180)
        if rng.random() < 0.5:
            cv2.ellipse(picture, (tuple(centre), tuple(axes * 2), turn), colour, -1)
        else:
            box = cv2.boxPoints((tuple(centre), tuple(axes * 2), turn))
            cv2.fillConvexPoly(picture, box.astype(np.int32), colour)
    return _blurred(picture, rng.uniform(1, 6))


def _shelves(size: int, rng: Generator) -> Pixels:
    """Shelves full of packs seen at an angle, out of focus."""
    side = math.ceil(size * 1.5)
    picture = np.full((side, side, 3), rng.integers(20, 90), np.uint8)
    high = int(side * rng.uniform(0.15, 0.45))
    for top in range(int(rng.integers(-high, 0)), side, high):
        _shelf_of_packs(picture, top, high, rng)
    return _blurred(_turned(picture, size, rng.normal(0, 15)), rng.uniform(0.8, 4))


def _shelf_of_packs(picture: Pixels, top: int, high: int, rng: Generator) -> None:
    """One shelf, in place: packs in a few colours, each several times side by side, with a label; and the shelf's edge."""
    left, side = -int(rng.integers(0, 20)), picture.shape[1]
    while left < side:
        wide, tall = int(high * rng.uniform(0.25, 0.7)) + 2, int(high * rng.uniform(0.6, 0.85))
        colours = rng.integers(0, 256, (3, 3)) // 2 + 127 * rng.integers(0, 2)
        for _ in range(int(rng.integers(1, 5))):
            body, label, cap = ([int(tone) for tone in colour] for colour in colours)
            foot = top + int(high * 0.88)
            cv2.rectangle(picture, (left, foot - tall), (left + wide - 2, foot), body, -1)
            cv2.rectangle(picture, (left, foot - tall // 2), (left + wide - 2, foot - tall // 5), label, -1)
            cv2.rectangle(
                picture, (left + wide // 3, foot - tall), (left + 2 * wide // 3, foot - tall * 7 // 8), cap, -1
            )
            left += wide
    edge = int(rng.integers(120, 250))
    cv2.rectangle(picture, (0, top + int(high * 0.88)), (side, top + high), (edge, edge, edge), -1)


def _coloured(tone: NDArray[np.uint8], rng: Generator) -> Pixels:
    """Tones `uint8 (size, size)`, 128 = as it is, in the colour of a material, a little changed."""
    colour = MATERIALS[int(rng.integers(len(MATERIALS)))] * rng.uniform(0.6, 1.15) + rng.normal(0, 8, 3)
    shades = [cv2.convertScaleAbs(tone, alpha=float(level) / 128) for level in np.clip(colour, 0, 255)]
    return np.asarray(cv2.merge(shades), np.uint8)


def _muted(colours: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Colours nearer to their own grey."""
    return np.asarray(colours + rng.uniform(0.3, 0.9) * (colours.mean(axis=-1, keepdims=True) - colours), np.float32)


def _turned(picture: NDArray[np.uint8], size: int, angle: float) -> NDArray[np.uint8]:
    """The middle of a larger square picture, turned by an angle, degrees."""
    side = picture.shape[0]
    turn = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1), np.float64)
    turn[:, 2] -= (side - size) / 2
    return np.asarray(cv2.warpAffine(picture, turn, (size, size), borderMode=cv2.BORDER_REFLECT), np.uint8)


def _stretched(colours: NDArray[np.float32], size: int) -> Pixels:
    stretched = cv2.resize(colours, (size, size), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)


def _blurred(picture: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    """A blur of a standard deviation of `radius` at 224 px, by boxes where it is wide, which is quick."""
    radius *= picture.shape[0] / 224
    if radius < 1:
        return np.asarray(cv2.GaussianBlur(picture, (5, 5), radius), np.uint8)
    side = 2 * round(radius * 0.85) + 1
    return np.asarray(cv2.blur(cv2.blur(picture, (side, side)), (side, side)), np.uint8)
