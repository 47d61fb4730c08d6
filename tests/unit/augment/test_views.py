from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shibuya_optics.augment import Studio, ViewOptions, random_view

PLAIN = ViewOptions(
    area=(1.0, 1.0), aspect=1.0, rotation=0, brightness=0, contrast=0, saturation=0, cast=0, blur=0, erase=0
)

EVERYTHING = ViewOptions(
    perspective=0.1,
    mirror=0.5,
    gamma=1.3,
    shadow=1,
    glare=1,
    erase=1,
    blur=1,
    motion=1,
    noise=1,
    jpeg=1,
    background=0.5,
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
        ({"perspective": 0.1}, True),
        ({"mirror": 1.0}, True),
        ({"gamma": 1.5}, True),
        ({"shadow": 1.0}, True),
        ({"glare": 1.0}, True),
        ({"motion": 1.0}, True),
        ({"noise": 1.0}, True),
        ({"jpeg": 1.0}, True),
        ({"background": 1.0}, False),  # the photo is no studio picture
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


def test_a_studio_picture_becomes_a_scene(pack: np.ndarray) -> None:
    for photo in (pack, Studio.of(pack)):
        made = random_view(photo, 96, replace(PLAIN, background=1.0), np.random.default_rng(1))
        plain = random_view(photo, 96, PLAIN, np.random.default_rng(1))
        assert made.shape == (96, 96, 3)
        assert np.ptp(plain[:, 0].astype(int)) < 20
        assert np.ptp(made[:, 0].astype(int)) > 20


def test_a_studio_made_before_changes_no_view(pack: np.ndarray) -> None:
    options = replace(ViewOptions(), background=0.5)
    for seed in range(6):
        bare, studio = (random_view(p, 64, options, np.random.default_rng(seed)) for p in (pack, Studio.of(pack)))
        assert np.array_equal(bare, studio)


def test_the_chance_of_a_scene_is_kept(pack: np.ndarray) -> None:
    studio = Studio.of(pack)
    made = [random_view(studio, 32, replace(PLAIN, background=0.3), np.random.default_rng(s)) for s in range(200)]
    plain = [np.abs(view[:, 0].astype(int) - 235).max() < 10 for view in made]
    assert 120 <= sum(plain) <= 165


def test_no_view_changes_the_photo(pack: np.ndarray) -> None:
    for photo in (pack, gradient()):
        before = photo.copy()
        for seed in range(10):
            random_view(photo, 48, EVERYTHING, np.random.default_rng(seed), [photo, Studio.of(pack)])
        assert np.array_equal(photo, before)


def test_two_processes_draw_the_same_bytes() -> None:
    code = """
import hashlib, numpy as np
from shibuya_optics.augment import Studio, ViewOptions, random_view
rows, columns = np.mgrid[:90, :80]
photo = np.full((90, 80, 3), 240, np.uint8)
photo[20:70, 25:60] = np.stack([rows, columns, rows + columns], axis=2)[20:70, 25:60]
options = ViewOptions(perspective=0.1, gamma=1.3, shadow=1, glare=1, blur=0.5, motion=1, noise=1, jpeg=1, background=0.7)
digest = hashlib.sha256()
for seed in range(20):
    digest.update(random_view(photo, 64, options, np.random.default_rng(seed), [Studio.of(photo)]).tobytes())
print(digest.hexdigest())
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert len(runs[0].stdout) == 65
    assert runs[0].stdout == runs[1].stdout
