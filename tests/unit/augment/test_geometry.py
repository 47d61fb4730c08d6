from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from shibuya_optics.augment.geometry import frame, warp
from shibuya_optics.augment.options import OFF
from shibuya_optics.contract import Pixels


def slow_warp(photo: Pixels, corners: np.ndarray, size: int) -> np.ndarray:
    """One pixel at a time: solve the perspective for the four corners, look it up, weigh the four pixels around."""
    rows, truth = [], []
    for (u, v), (x, y) in zip(((0.0, 0.0), (size, 0.0), (size, size), (0.0, size)), corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        truth += [x, y]
    a, b, c, d, e, f, g, h = np.linalg.solve(np.array(rows, float), np.array(truth, float))
    made = np.zeros((size, size, 3))
    for row in range(size):
        for column in range(size):
            u, v = column + 0.5, row + 0.5
            scale = g * u + h * v + 1
            x, y = (a * u + b * v + c) / scale - 0.5, (d * u + e * v + f) / scale - 0.5
            left, top = int(np.floor(x)), int(np.floor(y))
            for i in (top, top + 1):
                for j in (left, left + 1):
                    weight = (1 - abs(y - i)) * (1 - abs(x - j))
                    made[row, column] += weight * photo[reflected(i, photo, 0), reflected(j, photo, 1)]
    return made


def reflected(place: int, photo: Pixels, axis: int) -> int:
    """What stands in for a place beyond the edge: its mirror image in the last pixel."""
    last = int(photo.shape[axis]) - 1
    place = abs(place) % (2 * last)
    return min(place, 2 * last - place)


@pytest.mark.parametrize(
    "corners",
    [
        [[10, 12], [70, 12], [70, 72], [10, 72]],
        [[30, 5], [80, 40], [45, 90], [-5, 55]],
        [[10, 12], [75, 4], [60, 80], [22, 66]],
        [[-20, -10], [60, 12], [70, 100], [-5, 70]],
    ],
    ids=["square", "turned", "perspective", "beyond the edge"],
)
def test_one_warp_does_what_the_slow_one_does(textured: Pixels, corners: list[list[int]]) -> None:
    places = np.array(corners, float)
    made = warp(textured, places, 56)
    assert np.abs(made - slow_warp(textured, places, 56)).max() <= 3


def test_what_is_much_finer_than_the_view_is_averaged(textured: Pixels) -> None:
    fine = np.repeat(np.repeat(textured, 6, axis=0), 6, axis=1)
    corners = np.array([[10, 12], [75, 14], [70, 80], [12, 76]], float)
    assert np.abs(warp(fine, corners * 6, 40).astype(int) - warp(textured, corners, 40)).mean() < 2.5


@pytest.mark.parametrize("factor", [1.3, 1.5, 1.9, 2.0, 2.7, 5.5])
def test_stripes_too_fine_for_the_view_fade_as_area_averaging_fades_them(factor: float) -> None:
    side = int(64 * factor)
    fine = np.zeros((side, side, 3), np.uint8)
    fine[:, ::2] = 255
    made = warp(fine, np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * float(side), 64)[8:-8, 8:-8]
    averaged = cv2.resize(fine, (64, 64), interpolation=cv2.INTER_AREA)[8:-8, 8:-8]
    bare = cv2.resize(fine, (64, 64), interpolation=cv2.INTER_LINEAR)[8:-8, 8:-8]
    assert made.std() <= averaged.std() + 16
    assert made.std() <= max(0.7 * bare.std(), 1)


def test_off_is_the_middle_square_as_it_is(textured: Pixels) -> None:
    square = textured[:, 15:135]
    made = frame(square, 120, OFF, np.random.default_rng(0))
    assert np.array_equal(made, square)


def test_the_mirror_mirrors(textured: Pixels) -> None:
    square = textured[:, 15:135]
    made = frame(square, 120, replace(OFF, mirror=1.0), np.random.default_rng(0))
    assert np.array_equal(made, square[:, ::-1])


def test_perspective_moves_corners_by_no_more_than_its_share() -> None:
    rows, columns = np.mgrid[:200, :200]
    places = np.stack([rows, columns, 0 * rows], axis=2).astype(np.uint8)
    moved = []
    for seed in range(40):
        made = frame(places, 200, replace(OFF, perspective=0.1), np.random.default_rng(seed)).astype(float)
        moved.append(max(abs(made[100, 100, 0] - 100), abs(made[100, 100, 1] - 100)))
        assert not np.array_equal(made, places)
    assert 2 < max(moved) <= 22
