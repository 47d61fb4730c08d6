from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shibuya_optics.augment import Studio, ViewOptions, cut_mix, mix_up, random_view
from shibuya_optics.augment.geometry import _corners
from shibuya_optics.augment.options import LIMITS, OFF
from shibuya_optics.contract import Pixels

SEEDS = st.integers(0, 2**32)
CHANCES = ("mirror", "shadow", "glare", "erase", "blur", "motion", "noise", "jpeg", "background")
WIDTHS = ("brightness", "contrast", "saturation", "cast", "aspect", "rotation", "perspective", "gamma", "tilt")
RANGES = ("area", "shadow_depth", "glare_strength", "erase_area", "blur_radius", "motion_length", "noise_level")


@st.composite
def view_options(draw: st.DrawFn) -> ViewOptions:
    """Any options at all that are within their limits; copies few, so that scenes are quick."""
    given_: dict[str, Any] = {}
    for name in CHANCES + WIDTHS:
        given_[name] = draw(st.floats(*LIMITS.get(name, (0.0, 1.0))))
    for name in RANGES:
        given_[name] = tuple(sorted(draw(st.tuples(*[st.floats(*LIMITS.get(name, (0.0, 1.0)))] * 2))))
    given_["jpeg_quality"] = tuple(sorted(draw(st.tuples(st.integers(1, 100), st.integers(1, 100)))))
    given_["copies"] = tuple(sorted(draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))))
    return ViewOptions(**given_)


@st.composite
def photos(draw: st.DrawFn) -> Pixels:
    """Photos of any shape: of noise, or of a box on a plain background."""
    height, width = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    rng = np.random.default_rng(draw(SEEDS))
    photo = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    if draw(st.booleans()):
        plain = np.full_like(photo, draw(st.integers(0, 255)))
        plain[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = photo[
            height // 4 : height * 3 // 4, width // 4 : width * 3 // 4
        ]
        return plain
    return photo


@given(photos(), st.integers(8, 64), view_options(), SEEDS)
@settings(max_examples=60)
def test_a_view_of_any_photo_with_any_options_is_a_square_of_bytes(
    photo: Pixels, size: int, options: ViewOptions, seed: int
) -> None:
    view = random_view(photo, size, options, np.random.default_rng(seed), [photo])
    again = random_view(Studio.of(photo), size, options, np.random.default_rng(seed), [photo])
    assert view.shape == (size, size, 3)
    assert view.dtype == np.uint8
    assert np.array_equal(view, again)


SHARES = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted)


@given(st.tuples(st.integers(8, 400), st.integers(8, 400)), SHARES, st.floats(1, 4), st.floats(0, 180), SEEDS)
def test_a_cut_has_the_area_and_the_turn_that_it_may(
    shape: tuple[int, int], shares: list[float], aspect: float, rotation: float, seed: int
) -> None:
    (height, width), area = shape, (shares[0], shares[1])
    options = ViewOptions(area=area, aspect=aspect, rotation=rotation)
    corners = _corners(height, width, options, np.random.default_rng(seed))
    right, down = corners[1] - corners[0], corners[3] - corners[0]
    short = min(height, width)
    wide, high = np.hypot(*right), np.hypot(*down)
    assert wide * high <= area[1] * short**2 * 1.0001
    # Where a stretched cut does not fit into the photo it is narrowed.
    if wide < width * 0.999 and high < height * 0.999:
        assert wide * high >= area[0] * short**2 * 0.999
        assert 1 / aspect * 0.999 <= wide / high <= aspect * 1.001
    angle = np.degrees(np.arctan2(right[1], right[0]))
    assert abs(angle) <= rotation + 0.001
    centre = corners.mean(axis=0)
    assert wide / 2 - 0.001 <= centre[0] <= width - wide / 2 + 0.001
    assert high / 2 - 0.001 <= centre[1] <= height - high / 2 + 0.001


@given(st.integers(1, 64), st.integers(1, 300), st.floats(0.01, 20), SEEDS)
def test_mixing_keeps_the_batch(batch: int, size: int, alpha: float, seed: int) -> None:
    partners, (top, bottom, left, right), weight = cut_mix(batch, size, alpha, np.random.default_rng(seed))
    assert sorted(partners.tolist()) == list(range(batch))
    assert 0 <= top <= bottom <= size
    assert 0 <= left <= right <= size
    assert abs(weight - (1 - (bottom - top) * (right - left) / size**2)) < 1e-12
    partners, weight = mix_up(batch, alpha, np.random.default_rng(seed))
    assert sorted(partners.tolist()) == list(range(batch))
    assert 0.5 <= weight <= 1


@given(photos(), SEEDS)
def test_with_everything_off_a_view_of_a_square_at_its_size_is_that_square(photo: Pixels, seed: int) -> None:
    side = min(photo.shape[:2])
    square = np.ascontiguousarray(photo[:side, :side])
    assert np.array_equal(random_view(square, side, OFF, np.random.default_rng(seed)), square)
