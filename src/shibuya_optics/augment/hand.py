"""The hand that holds a product up to the camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from shibuya_optics.augment.studio import Matrix
from shibuya_optics.contract import Pixels

# Light and dark skin, RGB.
SKIN = np.array([[232, 196, 172], [96, 62, 44]], np.float64)


@dataclass(frozen=True, eq=False)
class Hand:
    """Where a hand lies: its arm and palm behind the product, its thumb and fingers before it.

    Attributes:
        arm: from the scene's edge to the product's, px `(2, 2)`.
        fingers: from the product's edge over it, px `(fingers, 2, 2)`.
        width: of the arm, px; a finger has a third of it.
        colour: RGB.
    """

    arm: NDArray[np.float64]
    fingers: NDArray[np.float64]
    width: float
    colour: tuple[int, int, int]

    @classmethod
    def holding(cls, corners: Matrix, size: int, rng: Generator) -> Hand:
        """A hand from below or from a side, at the lower half of a product with these corners, px `(4, 2)`."""
        left = rng.random() < 0.5
        top, bottom = (corners[0], corners[3]) if left else (corners[1], corners[2])
        across = (corners[1] + corners[2] - corners[0] - corners[3]) / 2 * (1 if left else -1)
        grip = top + (bottom - top) * rng.uniform(0.5, 0.9)
        start = np.array(
            [size * (rng.uniform(-0.2, 0.2) if left else rng.uniform(0.8, 1.2)), size * rng.uniform(0.9, 1.3)]
        )
        share = rng.beta(2, 2)
        tone = SKIN[0] * share + SKIN[1] * (1 - share) + rng.normal(0, 8, 3)
        red, green, blue = (int(value) for value in np.clip(tone, 0, 255))
        width = size * rng.uniform(0.16, 0.28)
        step = (bottom - top) / max(float(np.hypot(*(bottom - top))), 1) * width / 2.6
        count = int(rng.integers(1, 5))
        starts = grip + step * (np.arange(count)[:, None] - count / 2)
        reach = rng.uniform(0.15, 0.45, (count, 1)) * (across + rng.normal(0, 0.1, 2) * size)
        fingers = np.stack([starts - 0.1 * across, starts + reach], axis=1)
        return cls(np.stack([start, grip + 0.15 * across]), fingers, width, (red, green, blue))

    def draw_behind(self, scene: Pixels) -> None:
        """The arm and the palm, in place."""
        _limb(scene, self.arm, self.width, self.colour)

    def draw_before(self, scene: Pixels) -> None:
        """Thumb and fingers, in place."""
        for finger in self.fingers:
            _limb(scene, finger, self.width / 3, self.colour)


def _limb(scene: Pixels, ends: NDArray[np.float64], width: float, colour: tuple[int, int, int]) -> None:
    """A round-ended limb, darker at its rims as round things are, in place."""
    start, stop = (tuple(int(value) for value in end) for end in ends)
    for share, light in ((1.0, 0.55), (0.86, 0.8), (0.66, 0.94), (0.4, 1.0)):
        shaded = tuple(int(value * light) for value in colour)
        cv2.line(scene, start, stop, shaded, max(1, round(width * share)), cv2.LINE_AA)
