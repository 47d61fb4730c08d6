"""What a camera does to a picture: focus, a moved hand, noise, compression; in the order of a camera."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import simplejpeg
from numpy.random import Generator

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.contract import Pixels

NOISE_SIDE = 640
NOISE_MIDDLE, NOISE_SCALE = 128, 32


def expose(view: Pixels, options: ViewOptions, rng: Generator) -> Pixels:
    """A view as a phone's camera would have it: `uint8 (height, width, 3)` to the same."""
    if options.blur and rng.random() < options.blur:
        view = _defocus(view, rng.uniform(*options.blur_radius))
    if options.motion and rng.random() < options.motion:
        view = _move(view, rng.uniform(*options.motion_length), rng.uniform(0, math.pi))
    if options.noise and rng.random() < options.noise:
        view = _add_noise(view, rng.uniform(*options.noise_level), rng)
    if options.jpeg and rng.random() < options.jpeg:
        view = _compress(view, int(rng.integers(options.jpeg_quality[0], options.jpeg_quality[1] + 1)))
    return view


def _defocus(view: Pixels, radius: float) -> Pixels:
    """A Gaussian blur; its kernel ends at two standard deviations or more."""
    side = 2 * math.ceil(2 * radius) + 1
    return np.asarray(cv2.GaussianBlur(view, (side, side), radius), np.uint8)


def _move(view: Pixels, length: float, angle: float) -> Pixels:
    """The mean along a line of a length, px, and an angle, radians."""
    half = math.ceil(length / 2)
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    ends = np.array([math.cos(angle), math.sin(angle)]) * (length - 1) / 2
    # Places between pixels are given in 1/16: a line of any length and angle, without steps.
    start, stop = (tuple(round(place * 16) for place in half + sign * ends) for sign in (-1, 1))
    canvas = np.zeros(kernel.shape, np.uint8)
    cv2.line(canvas, start, stop, 255, 1, cv2.LINE_AA, shift=4)
    kernel = canvas.astype(np.float32)
    return np.asarray(cv2.filter2D(view, -1, kernel / kernel.sum()), np.uint8)


def _add_noise(view: Pixels, level: float, rng: Generator) -> Pixels:
    """Add noise of a standard deviation, grey levels: a piece from anywhere in a fixed table, which is quick."""
    height, width = view.shape[:2]
    table = _noise(max(NOISE_SIDE, height + 1, width + 1))
    top, left = rng.integers(0, len(table) - height), rng.integers(0, len(table) - width)
    piece = table[top : top + height, left : left + width]
    scale = level / NOISE_SCALE
    return np.asarray(cv2.addWeighted(view, 1, piece, scale, -scale * NOISE_MIDDLE), np.uint8)


@cache
def _noise(side: int) -> Pixels:
    """Noise around 128 with a standard deviation of 32, half of it common to the three colours: `uint8 (side, side, 3)`."""
    rng = np.random.default_rng(0)
    common = rng.standard_normal((side, side, 1), np.float32)
    own = rng.standard_normal((side, side, 3), np.float32)
    mixed = math.sqrt(0.5) * (common + own) * NOISE_SCALE + NOISE_MIDDLE
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def _compress(view: Pixels, quality: int) -> Pixels:
    """What JPEG leaves of a view, with colours at half resolution as phones write them."""
    packed = simplejpeg.encode_jpeg(np.ascontiguousarray(view), quality, "RGB", "420", fastdct=True)
    return np.asarray(simplejpeg.decode_jpeg(packed, "RGB", fastdct=True, fastupsample=True), np.uint8)
