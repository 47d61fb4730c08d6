"""Light: colours by one matrix, the tone curve, a shadow, a reflection."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.contract import Pixels

# Rec. 601 luma: what a colour keeps when its saturation is taken away.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
TABLE = 128


def relight(view: Pixels, options: ViewOptions, rng: Generator) -> Pixels:
    """A view in another light: `uint8 (height, width, 3)` to the same."""
    view = _recolour(view, options, rng)
    if options.gamma > 1:
        exponent = math.exp(rng.uniform(-1, 1) * math.log(options.gamma))
        curve = (np.linspace(0, 1, 256) ** exponent * 255 + 0.5).astype(np.uint8)
        view = np.asarray(cv2.LUT(view, curve), np.uint8)
    if options.shadow and rng.random() < options.shadow:
        view = _shade(view, rng.uniform(*options.shadow_depth), rng)
    if options.glare and rng.random() < options.glare:
        view = _reflect(view, rng.uniform(*options.glare_strength), rng)
    return view


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


def _shade(view: Pixels, depth: float, rng: Generator) -> Pixels:
    """Darken one side of a soft edge that runs across the view, by `depth`, 0-1."""
    light = (255 - depth * _edge()).astype(np.uint8)
    width = math.exp(rng.uniform(math.log(0.1), math.log(1.5)))
    return np.asarray(cv2.multiply(view, _spread(light, view, (width, 4.0), rng), scale=1 / 255), np.uint8)


def _reflect(view: Pixels, strength: float, rng: Generator) -> Pixels:
    """Add a soft white blob, round to long, somewhere in the view; `strength` is its middle's share of white, 0-1."""
    light = (strength * _blob()).astype(np.uint8)
    long = math.exp(rng.uniform(math.log(0.3), math.log(1.5)))
    return np.asarray(cv2.add(view, _spread(light, view, (long, long * rng.uniform(0.15, 1)), rng)), np.uint8)


def _spread(table: Pixels, view: Pixels, sides: tuple[float, float], rng: Generator) -> Pixels:
    """A table of light laid over a view: somewhere, turned at will, with sides that are shares of the view's own."""
    height, width = view.shape[:2]
    angle, scale = rng.uniform(0, 2 * math.pi), max(height, width)
    centre_x, centre_y = rng.uniform(0.1, 0.9, 2) * (width, height)
    cos, sin = math.cos(angle), math.sin(angle)
    along, across = TABLE / (sides[0] * scale), TABLE / (sides[1] * scale)
    turn = np.array([[cos * along, sin * along, 0], [-sin * across, cos * across, 0]])
    turn[:, 2] = TABLE / 2 - turn[:, :2] @ (centre_x, centre_y)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(table, turn, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.merge([laid, laid, laid]), np.uint8)


@cache
def _edge() -> NDArray[np.float32]:
    """0 to 255 from left to right, smoothly, `float32 (128, 128)`."""
    place = np.linspace(0, 1, TABLE, dtype=np.float32)
    return np.tile(255 * place * place * (3 - 2 * place), (TABLE, 1))


@cache
def _blob() -> NDArray[np.float32]:
    """255 in the middle, falling smoothly to 0 at the edges, `float32 (128, 128)`."""
    place = np.linspace(-1, 1, TABLE, dtype=np.float32)
    near = np.clip(1 - place[:, None] ** 2 - place**2, 0, 1)
    return np.asarray(255 * near * near, np.float32)
