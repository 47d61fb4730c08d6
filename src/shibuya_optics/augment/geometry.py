"""Framing: crop, turn, perspective and mirror in one warp."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.contract import Pixels

Matrix = NDArray[np.float64]
# From here on, pixels of the photo for one of the view, a bilinear warp would alias.
COARSE = 1.1
SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


def frame(photo: Pixels, size: int, options: ViewOptions, rng: Generator) -> Pixels:
    """Cut a turned quadrangle out of a photo: `uint8 (height, width, 3)` to `uint8 (size, size, 3)`.

    What lies beyond the photo's edge is its reflection.
    """
    return warp(photo, _corners(photo.shape[0], photo.shape[1], options, rng), size)


def warp(photo: Pixels, corners: Matrix, size: int) -> Pixels:
    """What of the photo lies between four corners, as a square.

    The photo is shrunk beforehand where it is finer than the view, so that nothing aliases: by whole factors, which are
    cheap, and the rest of the way, which is less than 2, by a slight blur.

    Args:
        photo: `uint8 (height, width, channels)`.
        corners: x and y in the photo, px, `(4, 2)`: of the view's upper left, upper right, lower right and lower left.
        size: the side of the square, px.
    """
    photo, corners = _inside(photo, corners)
    edges = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    ratio = max(1.0, float(min(edges[0] + edges[2], edges[1] + edges[3])) / 2 / size)
    whole = int(ratio)
    if whole > 1:
        height, width = photo.shape[0] // whole, photo.shape[1] // whole
        photo = cv2.resize(photo[: height * whole, : width * whole], (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    if ratio / whole > COARSE:
        photo = cv2.GaussianBlur(photo, (3, 3), 0.25 * ratio / whole + 0.15)  # type: ignore[assignment]
    return _straighten(photo, corners / whole, size)


def _corners(height: int, width: int, options: ViewOptions, rng: Generator) -> Matrix:
    """Where in a photo the view's corners lie, px, `(4, 2)`."""
    side = min(height, width) * math.sqrt(rng.uniform(*options.area))
    stretch = math.exp(rng.uniform(-1, 1) * math.log(options.aspect) / 2)
    wide, high = min(side * stretch, width), min(side / stretch, height)
    centre = (rng.uniform(wide / 2, width - wide / 2), rng.uniform(high / 2, height - high / 2))
    angle = math.radians(rng.uniform(-options.rotation, options.rotation))
    corners = SQUARE
    if options.perspective:
        corners = corners + rng.uniform(-options.perspective, options.perspective, (4, 2))
    if options.mirror and rng.random() < options.mirror:
        corners = corners[[1, 0, 3, 2]]
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray(corners * (wide, high) @ turn + centre, np.float64)


def _inside(photo: Pixels, corners: Matrix) -> tuple[Pixels, Matrix]:
    """The part of a photo around the corners, and the corners in it, so that no more is shrunk than is shown."""
    height, width = photo.shape[:2]
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    # Room for the filters' taps; and where the cut reaches beyond the photo, what it reflects is kept whole.
    room = 0.05 * max(right - left, bottom - top) + 4
    if left < 0 or top < 0 or right > width or bottom > height:
        return photo, corners
    x, y = max(0, int(left - room)), max(0, int(top - room))
    part = photo[y : math.ceil(bottom + room), x : math.ceil(right + room)]
    return part, corners - (x, y)


def _straighten(photo: Pixels, corners: Matrix, size: int) -> Pixels:
    """One bilinear warp, affine where that does. Pixel centres lie at halves, hence the shifts."""
    flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REFLECT_101
    view = (SQUARE + 0.5) * size - 0.5
    if np.allclose(corners[0] + corners[2], corners[1] + corners[3]):
        matrix = cv2.getAffineTransform(view[:3].astype(np.float32), (corners[:3] - 0.5).astype(np.float32))
        return np.asarray(cv2.warpAffine(photo, matrix, (size, size), flags=flags, borderMode=border), np.uint8)
    matrix = cv2.getPerspectiveTransform(view.astype(np.float32), (corners - 0.5).astype(np.float32))
    return np.asarray(cv2.warpPerspective(photo, matrix, (size, size), flags=flags, borderMode=border), np.uint8)
