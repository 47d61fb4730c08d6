from __future__ import annotations

import cv2
import numpy as np
import pytest

from shibuya_optics.contract import Pixels

GREY = 235


def studio_picture(kind: str, height: int = 200, width: int = 160, noise: float = 1.0) -> tuple[Pixels, np.ndarray]:
    """A rendered studio picture of a pack or a fruit, white print and all; and where the product is, bool."""
    mask = np.zeros((height, width), np.uint8)
    if kind == "pack":
        corners = np.array([[40, 30], [105, 24], [112, 170], [48, 178]])
        cv2.fillConvexPoly(mask, corners, 255)
    else:
        cv2.ellipse(mask, (width // 2, height // 2), (50, 62), 10, 0, 360, 255, -1)
    rows, columns = np.mgrid[:height, :width]
    picture = np.full((height, width, 3), GREY, np.float64)
    colours = np.stack([120 + 60 * np.sin(rows / 7), 60 + 40 * np.cos(columns / 9), 90 + 0 * rows], axis=2)
    picture[mask > 0] = colours[mask > 0]
    label = cv2.ellipse(np.zeros_like(mask), (width // 2 - 4, height // 2), (18, 24), 0, 0, 360, 255, -1)
    picture[label > 0] = GREY
    picture += np.random.default_rng(0).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), mask > 0


@pytest.fixture(params=["pack", "fruit"])
def studio(request: pytest.FixtureRequest) -> tuple[Pixels, np.ndarray]:
    return studio_picture(request.param)


@pytest.fixture
def pack() -> Pixels:
    return studio_picture("pack")[0]


@pytest.fixture
def fruit() -> Pixels:
    return studio_picture("fruit")[0]


@pytest.fixture
def textured() -> Pixels:
    """A photo that changes everywhere and has no plain border, `uint8 (120, 150, 3)`."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(20, 236, (12, 15, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (150, 120), interpolation=cv2.INTER_CUBIC), np.uint8)
