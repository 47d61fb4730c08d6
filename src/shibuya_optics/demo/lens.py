"""From the light that reaches the lens to the photo that a phone stores: focus, white balance, noise, JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from shibuya_optics.contract import Pixels
from shibuya_optics.demo.camera import Floats


@dataclass(frozen=True)
class Lens:
    """How one photo is taken.

    Attributes:
        blur: radius of the blur of a slightly wrong focus, px in a photo 480 px high.
        balance: factors on red, green and blue light.
        exposure: factor on all light.
        lamp: where in the photo it is brightest, fractions of width and height.
        falloff: how much darker, 0 to 1, it is one photo width away from there.
        noise: standard deviation of the sensor's noise, on values 0-255.
        quality: of the JPEG, 1 to 95.
    """

    blur: float
    balance: tuple[float, float, float]
    exposure: float
    lamp: tuple[float, float]
    falloff: float
    noise: float
    quality: int


def drawn_lens(random: np.random.Generator) -> Lens:
    """A lens setting as phones have them indoors."""
    warmth = random.normal(0, 0.09)
    return Lens(
        blur=float(random.choice([0.0, 0.4, 0.7, 1.2], p=[0.35, 0.35, 0.2, 0.1])),
        balance=(1 + warmth, 1 + random.normal(0, 0.02), 1 - warmth),
        exposure=float(np.exp(random.normal(0, 0.2))),
        lamp=(float(random.uniform(0, 1)), float(random.uniform(0, 0.6))),
        falloff=float(random.uniform(0.1, 0.5)),
        noise=float(random.uniform(1.5, 5.5)),
        quality=int(random.integers(68, 93)),
    )


def developed(seen: Image.Image, lens: Lens, random: np.random.Generator) -> Pixels:
    """The photo, uint8 (height, width, 3) RGB, of what the lens sees (an RGB image)."""
    scale = seen.height / 480
    if lens.blur:
        seen = seen.filter(ImageFilter.GaussianBlur(lens.blur * scale))
    linear = np.square(np.asarray(seen, np.float32) * np.float32(1 / 255))
    linear *= np.asarray(lens.balance, np.float32) * np.float32(lens.exposure)
    linear *= _brightness(seen.size, lens)[..., None]
    stored = 255 * np.sqrt(_shouldered(linear)) + _grain(seen.size, lens.noise, random)
    return _through_jpeg(Image.fromarray(np.clip(stored, 0, 255).astype(np.uint8)), lens.quality)


def _shouldered(linear: Floats) -> Floats:
    """Bright light held below 1: unchanged up to 0.7, above it pressed together as film and phones do."""
    over = np.maximum(linear - 0.7, 0)
    return np.asarray(np.minimum(linear, 0.7) + 0.3 * over / (0.3 + over), np.float32)


def _brightness(size: tuple[int, int], lens: Lens) -> Floats:
    """Light across the photo, float32 (height, width): darker away from the lamp, and in the corners."""
    x = (np.arange(size[0], dtype=np.float32) + 0.5) / size[0]
    y = ((np.arange(size[1], dtype=np.float32) + 0.5) / size[1])[:, None]
    from_lamp = np.hypot(x - lens.lamp[0], y - lens.lamp[1])
    from_middle = np.square(x - 0.5) + np.square(y - 0.5)
    return np.asarray((1 + 0.4 * lens.falloff - lens.falloff * from_lamp) * (1 - 0.35 * from_middle), np.float32)


def _grain(size: tuple[int, int], noise: float, random: np.random.Generator) -> Floats:
    """Sensor noise, float32 (height, width, 3): mostly the same in all colours, a little not."""
    shape = (size[1], size[0])
    luma = random.standard_normal((*shape, 1), np.float32)
    chroma = random.standard_normal((shape[0] // 2 + 1, shape[1] // 2 + 1, 3), np.float32)
    coarse = np.repeat(np.repeat(chroma, 2, axis=0), 2, axis=1)[: shape[0], : shape[1]]
    return np.asarray(noise * (0.8 * luma + 0.5 * coarse), np.float32)


def _through_jpeg(photo: Image.Image, quality: int) -> Pixels:
    stored = BytesIO()
    photo.save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored).convert("RGB")).copy()
