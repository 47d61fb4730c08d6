"""What worse photos cost: the same photos, degraded in fixed ways, `uint8 (height, width, 3)` to the same, without chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.judge import Scorer, judge
from shibuya_optics.photo import Pixels, encode_jpeg, read_photo

BLUR_SIGMA = 0.01
DARK_SHARE = 0.3
SMALL_SIDE = 96
JPEG_QUALITY = 20


@dataclass(frozen=True)
class Degradation:
    """A way to make a photo worse: its name, its strength in words, and the pure function that does it."""

    name: str
    strength: str
    apply: Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class Robust:
    """How the degraded photos did.

    Attributes:
        name, strength: of the degradation.
        accuracy: share, 0 to 1, of the degraded photos whose best candidate is the true product.
        drop: percentage points lost against the plain photos; below 0, gained.
    """

    name: str
    strength: str
    accuracy: float
    drop: float


def blurred(photo: Pixels) -> Pixels:
    """Out of focus: a Gaussian blur whose sigma is 1 % of the short side (2.6 px of 256)."""
    sigma = BLUR_SIGMA * min(photo.shape[:2])
    return np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(sigma)), np.uint8)


def dark(photo: Pixels) -> Pixels:
    """Underexposed: every value times 0.3, rounded down."""
    return (photo * np.float32(DARK_SHARE)).astype(np.uint8)


def rotated(photo: Pixels) -> Pixels:
    """Turned by 90 degrees, anticlockwise: `(height, width, 3)` becomes `(width, height, 3)`."""
    return np.ascontiguousarray(np.rot90(photo))


def small(photo: Pixels) -> Pixels:
    """Far away: scaled to a short side of 96 px, bicubic; a photo that is no larger is left as it is."""
    height, width = photo.shape[:2]
    scale = SMALL_SIDE / min(height, width)
    if scale >= 1:
        return photo
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC), np.uint8)


def compressed(photo: Pixels) -> Pixels:
    """Sent through a messenger: what JPEG of quality 20 leaves, colour at half resolution."""
    return read_photo(encode_jpeg(photo, JPEG_QUALITY))


DEGRADATIONS: tuple[Degradation, ...] = (
    Degradation("blur", f"Gaussian, sigma {100 * BLUR_SIGMA:g} % of the short side", blurred),
    Degradation("dark", f"values times {DARK_SHARE}", dark),
    Degradation("rotated", "90° anticlockwise", rotated),
    Degradation("small", f"short side {SMALL_SIDE} px", small),
    Degradation("JPEG", f"quality {JPEG_QUALITY}", compressed),
)


def judge_degraded(
    recogniser: Scorer, degradation: Degradation, photos: Iterable[Pixels], labels: Sequence[str], plain: float
) -> Robust:
    """How a recogniser does on degraded photos.

    Args:
        recogniser: what is judged; one that only looks.
        degradation: what is done to each photo.
        photos: as they are.
        labels: of the photos.
        plain: its accuracy on them, 0 to 1.

    Raises:
        InputError: `plain` is no share, or as `judge`.
    """
    if not 0 <= plain <= 1:
        raise InputError(f"a plain accuracy of {plain}: give a share from 0 to 1.")
    accuracy = judge(recogniser, map(degradation.apply, photos), labels).accuracy
    return Robust(degradation.name, degradation.strength, accuracy, 100 * (plain - accuracy))
