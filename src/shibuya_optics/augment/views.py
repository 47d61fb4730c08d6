"""Random views of one photo, on OpenCV and NumPy. No mirror: the words on a pack must stay readable."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
# Rec. 601 luma: what a colour keeps when its saturation is taken away.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class ViewOptions:
    """Ranges of the random views; a width of 0 or a chance of 0 switches a part off.

    Attributes:
        area: smallest and largest share of the photo's middle square that the view shows, 0-1.
        aspect: the view's width over height in the photo lies between 1 / aspect and aspect.
        rotation: largest turn either way, degrees.
        brightness, contrast, saturation: largest relative change either way, 0-1.
        cast: largest relative change of one colour channel against the others, 0-1.
        blur: chance of a Gaussian blur of up to 1.5 px, 0-1.
        erase: chance that a grey rectangle hides up to a fifth of the view, 0-1.
    """

    area: tuple[float, float] = (0.35, 1.0)
    aspect: float = 1.25
    rotation: float = 15.0
    brightness: float = 0.25
    contrast: float = 0.25
    saturation: float = 0.3
    cast: float = 0.06
    blur: float = 0.15
    erase: float = 0.2


def random_view(photo: Pixels, size: int, options: ViewOptions, rng: Generator) -> Pixels:
    """A random view of a photo: `uint8 (height, width, 3)` RGB to `uint8 (size, size, 3)`; same `rng` state, same view."""
    view = _recolour(_crop_and_turn(photo, size, options, rng), options, rng)
    if rng.random() < options.blur:
        view = np.asarray(cv2.GaussianBlur(view, (0, 0), rng.uniform(0.3, 1.5)), np.uint8)
    if rng.random() < options.erase:
        _erase(view, rng)
    return view


def _crop_and_turn(photo: Pixels, size: int, options: ViewOptions, rng: Generator) -> Pixels:
    """Cut a turned rectangle out of the photo by one affine warp, shrunk beforehand so that nothing aliases."""
    height, width = photo.shape[:2]
    side = min(height, width) * math.sqrt(rng.uniform(*options.area))
    stretch = math.exp(rng.uniform(-1, 1) * math.log(options.aspect) / 2)
    wide, high = min(side * stretch, width), min(side / stretch, height)
    centre_x = rng.uniform(wide / 2, width - wide / 2)
    centre_y = rng.uniform(high / 2, height - high / 2)
    angle = math.radians(rng.uniform(-options.rotation, options.rotation))

    shrink = min(1.0, size / min(wide, high))
    if shrink < 1:
        photo = np.asarray(cv2.resize(photo, (0, 0), fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    cos, sin = math.cos(angle) * shrink / size, math.sin(angle) * shrink / size
    # Pixel (u, v) of the view comes from the photo at: centre + turned ((u, v) + 0.5 - size / 2) - 0.5.
    turn = np.array([[wide * cos, -high * sin, 0], [wide * sin, high * cos, 0]])
    middle = np.array([0.5 - size / 2, 0.5 - size / 2])
    turn[:, 2] = turn[:, :2] @ middle + np.array([centre_x, centre_y]) * shrink - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    view = cv2.warpAffine(photo, turn, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(view, np.uint8)


def _recolour(view: Pixels, options: ViewOptions, rng: Generator) -> Pixels:
    """Change brightness, contrast, saturation and white balance by one 3x4 colour matrix."""
    brightness, contrast, saturation = (
        1 + rng.uniform(-width, width) for width in (options.brightness, options.contrast, options.saturation)
    )
    gains = 1 + rng.uniform(-options.cast, options.cast, 3)
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    matrix = np.zeros((3, 4), np.float32)
    matrix[:, :3] = brightness * contrast * (gains[:, None] * saturate)
    matrix[:, 3] = (1 - contrast) * brightness * float(cv2.mean(view)[1])
    return np.asarray(cv2.transform(view, matrix), np.uint8)


def _erase(view: Pixels, rng: Generator) -> None:
    """Hide a rectangle of 2 to 20 % of the view behind grey, in place, as a hand or a shelf edge would."""
    size = view.shape[0]
    area, ratio = rng.uniform(0.02, 0.2) * size * size, math.exp(rng.uniform(-0.7, 0.7))
    high, wide = (max(1, min(size, round(math.sqrt(area * r)))) for r in (ratio, 1 / ratio))
    top, left = rng.integers(0, size - high + 1), rng.integers(0, size - wide + 1)
    view[top : top + high, left : left + wide] = rng.integers(64, 192)
