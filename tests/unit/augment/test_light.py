from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shibuya_optics.augment.light import relight
from shibuya_optics.augment.options import OFF

GREY = np.full((80, 100, 3), 100, np.uint8)


def test_off_changes_nothing() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    assert np.array_equal(relight(photo, OFF, np.random.default_rng(0)), photo)


def test_brightness_keeps_to_its_range_and_uses_it() -> None:
    levels = [relight(GREY, replace(OFF, brightness=0.3), np.random.default_rng(seed)).mean() for seed in range(60)]
    assert 69 <= min(levels) < 76
    assert 124 < max(levels) <= 131


def test_gamma_keeps_to_its_range_and_leaves_black_and_white() -> None:
    scale = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (4, 1, 3))
    for seed in range(40):
        made = relight(scale, replace(OFF, gamma=1.5), np.random.default_rng(seed))[0, :, 0].astype(float)
        assert (made[0], made[255]) == (0, 255)
        assert (np.diff(made) >= 0).all()
        exponent = np.log(made[128] / 255) / np.log(128 / 255)
        assert 1 / 1.55 <= exponent <= 1.55


@pytest.mark.parametrize("depth", [0.2, 0.6])
def test_a_shadow_darkens_one_side_by_its_depth_and_is_soft(depth: float) -> None:
    spans = []
    for seed in range(30):
        made = relight(GREY, replace(OFF, shadow=1.0, shadow_depth=(depth, depth)), np.random.default_rng(seed))
        assert made.max() <= 100
        assert made.min() >= round(100 * (1 - depth)) - 1
        assert np.ptp(made.astype(int), axis=2).max() == 0
        steps = np.abs(np.diff(made[:, :, 0].astype(int), axis=0)).max()
        assert steps <= 100 * depth / 3
        spans.append(int(made.max()) - int(made.min()))
    assert max(spans) >= 100 * depth - 2


def test_glare_brightens_a_blob_and_never_darkens() -> None:
    lit = []
    for seed in range(30):
        made = relight(GREY, replace(OFF, glare=1.0, glare_strength=(0.4, 0.4)), np.random.default_rng(seed))
        assert made.min() >= 100
        assert made.max() <= 100 + 0.4 * 255 + 1
        lit.append(int(made.max()))
    assert min(lit) > 150


def test_cast_changes_channels_against_one_another() -> None:
    made = relight(GREY, replace(OFF, cast=0.2), np.random.default_rng(0))
    assert np.ptp(made[0, 0].astype(int)) > 3
    assert np.abs(made.astype(int) - 100).max() <= 21


def test_saturation_leaves_grey_and_the_luma_alone() -> None:
    red = np.full((4, 4, 3), (180, 60, 60), np.uint8)
    for seed in range(10):
        options = replace(OFF, saturation=0.4)
        made = relight(red, options, np.random.default_rng(seed))[0, 0].astype(float)
        assert abs(made @ (0.299, 0.587, 0.114) - np.array([180, 60, 60]) @ (0.299, 0.587, 0.114)) < 1.5
        assert (relight(GREY, options, np.random.default_rng(seed)) == 100).all()
