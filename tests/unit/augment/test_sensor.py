from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from shibuya_optics.augment.options import OFF
from shibuya_optics.augment.sensor import _move, expose
from shibuya_optics.contract import Pixels

GREY = np.full((96, 120, 3), 128, np.uint8)


def point() -> Pixels:
    photo = np.zeros((41, 41, 3), np.uint8)
    photo[20, 20] = 255
    return photo


def test_off_changes_nothing(textured: Pixels) -> None:
    assert np.array_equal(expose(textured, OFF, np.random.default_rng(0)), textured)


@pytest.mark.parametrize("radius", [0.7, 1.5, 3.0])
def test_blur_has_its_radius(radius: float) -> None:
    made = expose(point(), replace(OFF, blur=1.0, blur_radius=(radius, radius)), np.random.default_rng(0))[:, :, 0]
    rows, columns = np.mgrid[-20:21, -20:21]
    weights = made / made.sum()
    spread = math.sqrt(float((weights * (rows**2 + columns**2)).sum()) / 2)
    assert 0.75 * radius < spread < 1.1 * radius


@pytest.mark.parametrize("angle", [0.0, math.pi / 4, math.pi / 2])
def test_motion_blurs_along_its_line_alone(angle: float) -> None:
    made = _move(point(), 9.0, angle)[:, :, 0].astype(float)
    rows, columns = np.mgrid[-20:21, -20:21]
    along = columns * math.cos(angle) + rows * math.sin(angle)
    across = rows * math.cos(angle) - columns * math.sin(angle)
    weights = made / made.sum()
    assert float((weights * along**2).sum()) > 3
    assert float((weights * across**2).sum()) < 0.6
    assert abs(made.sum() - 255) <= 12


def test_motion_keeps_the_light() -> None:
    for seed in range(20):
        made = expose(GREY, replace(OFF, motion=1.0), np.random.default_rng(seed))
        assert np.abs(made.astype(int) - 128).max() <= 1


@pytest.mark.parametrize("level", [3.0, 10.0])
def test_noise_has_its_level_and_no_bias(level: float) -> None:
    made = expose(GREY, replace(OFF, noise=1.0, noise_level=(level, level)), np.random.default_rng(0)).astype(float)
    assert abs(made.std() - level) < 0.08 * level + 0.2
    assert abs(made.mean() - 128) < 0.3


def test_noise_is_another_in_every_view_and_fits_any_size() -> None:
    options = replace(OFF, noise=1.0)
    first, second = (expose(GREY, options, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1
    large = np.full((700, 10, 3), 128, np.uint8)
    assert expose(large, options, np.random.default_rng(0)).shape == large.shape


def test_jpeg_loses_more_at_a_lower_quality(textured: Pixels) -> None:
    losses = []
    for quality in (15, 90):
        options = replace(OFF, jpeg=1.0, jpeg_quality=(quality, quality))
        made = expose(textured, options, np.random.default_rng(0))
        assert made.shape == textured.shape
        losses.append(float(np.abs(made.astype(int) - textured).mean()))
    assert 0 < losses[1] < losses[0] < 20
