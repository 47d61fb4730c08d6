from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shibuya_optics.augment import ViewOptions, mix_up, random_view

PLAIN = ViewOptions(
    area=(1.0, 1.0), aspect=1.0, rotation=0, brightness=0, contrast=0, saturation=0, cast=0, blur=0, erase=0
)


def gradient(height: int = 60, width: int = 80) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows * 3, columns * 3, np.full_like(rows, 90)], axis=2).astype(np.uint8)


def view(options: ViewOptions, seed: int = 0, size: int = 60, photo: np.ndarray | None = None) -> np.ndarray:
    return random_view(gradient() if photo is None else photo, size, options, np.random.default_rng(seed))


def test_with_everything_off_a_view_is_a_square_of_the_photo() -> None:
    made = view(PLAIN)
    assert made.shape == (60, 60, 3)
    left = round(float(made[0, 0, 1]) / 3)
    assert np.abs(made.astype(int) - gradient()[:, left : left + 60].astype(int)).max() <= 2


def test_the_same_seed_gives_the_same_view_and_another_seed_another() -> None:
    assert np.array_equal(view(ViewOptions(), 3), view(ViewOptions(), 3))
    assert not np.array_equal(view(ViewOptions(), 3), view(ViewOptions(), 4))


def test_a_view_never_mirrors() -> None:
    for seed in range(50):
        made = view(replace(ViewOptions(), erase=0.0, rotation=10.0), seed).astype(int)
        assert made[:, -1, 1].mean() > made[:, 0, 1].mean()


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"area": (0.2, 0.3)}, True),
        ({"rotation": 20.0}, True),
        ({"brightness": 0.5}, True),
        ({"contrast": 0.5}, True),
        ({"saturation": 0.5}, True),
        ({"cast": 0.3}, True),
        ({"blur": 1.0}, True),
        ({"erase": 1.0}, True),
        ({}, False),
    ],
)
def test_each_option_changes_the_view(change: dict[str, Any], differs: bool) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    made = view(replace(PLAIN, **change), seed=2, photo=photo)
    assert (np.abs(made.astype(int) - photo.astype(int)).max() > 2) == differs


def test_brightness_and_contrast_leave_grey_grey() -> None:
    grey = np.full((40, 40, 3), 100, np.uint8)
    made = view(replace(PLAIN, brightness=0.5, contrast=0.5, saturation=0.5), photo=grey, size=40)
    assert np.ptp(made.astype(int), axis=2).max() <= 1


def test_a_large_photo_shrinks_without_aliasing() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    made = view(PLAIN, photo=stripes, size=64)
    assert np.abs(made.astype(int) - 127).max() <= 3


def test_mix_up_draws_a_permutation_and_a_weight_of_at_least_a_half() -> None:
    draws = [mix_up(8, 0.4, np.random.default_rng(seed)) for seed in range(50)]
    assert all(sorted(partners.tolist()) == list(range(8)) for partners, _ in draws)
    assert all(0.5 <= weight <= 1 for _, weight in draws)
    assert len({weight for _, weight in draws}) > 40


def test_mix_up_of_nothing_leaves_photos_alone() -> None:
    partners, weight = mix_up(4, 0, np.random.default_rng(0))
    assert partners.tolist() == [0, 1, 2, 3]
    assert weight == 1
