from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from shibuya_optics.contract import Pixels
from shibuya_optics.demo.lens import Lens, developed, drawn_lens

PLAIN = Lens(blur=0.0, balance=(1, 1, 1), exposure=1.0, lamp=(0.5, 0.5), falloff=0.0, noise=0.0, quality=95)
GREY = Image.new("RGB", (96, 64), (120, 120, 120))


def taken(lens: Lens, seen: Image.Image = GREY) -> Pixels:
    return developed(seen, lens, np.random.default_rng(1))


def test_a_plain_lens_changes_little_in_the_middle() -> None:
    photo = taken(PLAIN)
    assert photo.shape == (64, 96, 3)
    assert photo.dtype == np.uint8
    assert np.abs(photo[24:40, 36:60].astype(int) - 120).max() <= 4


def test_corners_are_darker() -> None:
    photo = taken(PLAIN).astype(int)
    assert photo[0, 0, 0] < photo[32, 48, 0] - 5


@pytest.mark.parametrize(("exposure", "brighter"), [(1.6, True), (0.6, False)])
def test_exposure_acts_on_light(exposure: float, brighter: bool) -> None:
    middle = int(taken(replace(PLAIN, exposure=exposure))[32, 48, 0])
    assert middle == pytest.approx(120 * exposure**0.5, abs=4)
    assert (middle > 120) == brighter


def test_white_balance_tints() -> None:
    red, green, blue = taken(replace(PLAIN, balance=(1.3, 1.0, 0.7)))[32, 48].astype(int)
    assert red > green + 8 > blue + 16


def test_bright_light_keeps_its_steps() -> None:
    ramp = Image.fromarray(np.repeat(np.linspace(180, 255, 96).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2))
    row = taken(replace(PLAIN, exposure=1.8), ramp)[32, ::12, 0].astype(int)
    assert (np.diff(row)[:4] > 0).all()
    assert row.max() < 255


def test_noise_and_blur_do_what_they_say() -> None:
    edge = Image.new("RGB", (96, 64), (40, 40, 40))
    edge.paste((200, 200, 200), (48, 0, 96, 64))
    sharp, soft = taken(PLAIN, edge).astype(int), taken(replace(PLAIN, blur=12.0), edge).astype(int)
    assert np.diff(sharp[32, :, 0]).max() > 2 * np.diff(soft[32, :, 0]).max()
    assert taken(replace(PLAIN, noise=6.0)).std() > taken(PLAIN).std() + 3


def test_the_side_away_from_the_lamp_is_darker() -> None:
    photo = taken(replace(PLAIN, lamp=(0.0, 0.5), falloff=0.5)).astype(int)
    assert photo[32, 10, 0] > photo[32, 86, 0] + 10


def test_drawn_lenses_differ_and_are_within_bounds() -> None:
    random = np.random.default_rng(0)
    lenses = [drawn_lens(random) for _ in range(50)]
    assert len(set(lenses)) == 50
    assert all(68 <= lens.quality <= 92 and 0.4 < lens.exposure < 2.5 and lens.noise < 6 for lens in lenses)
