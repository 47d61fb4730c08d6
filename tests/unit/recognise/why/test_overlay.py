from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.contract import InputContract
from shibuya_optics.recognise.why.overlay import DIMMED, MOST_COLOUR, RAMP, coloured, spread, warmed

CONTRACT = InputContract(size=64, resize=80)


def test_the_heat_covers_the_square_that_is_seen_and_nothing_else() -> None:
    shares, seen = spread(np.ones((4, 4), np.float32), CONTRACT, 100, 160)
    assert seen[10:90, 40:120].all()
    assert seen.sum() == 80 * 80
    assert np.array_equal(shares == 1, seen)
    assert not shares[~seen].any()


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 3), (3, 1)])
def test_each_cell_lies_in_its_place_and_is_hottest_at_its_centre(row: int, column: int) -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[row, column] = 0.02
    shares, _ = spread(heat, CONTRACT, 100, 160)
    top, left = 10 + 20 * row, 40 + 20 * column
    assert shares[top + 10, left + 10] > 0.9
    inside = shares[top : top + 20, left : left + 20].sum()
    assert inside > 0.5 * shares.sum()
    assert shares.max() <= 1


def test_rounding_of_a_cosine_is_no_heat() -> None:
    shares, seen = spread(np.full((4, 4), 1e-8, np.float32), CONTRACT, 100, 100)
    assert not shares.any()
    assert seen.any()


def test_a_square_of_odd_place_stays_on_the_photo() -> None:
    for height, width in ((1, 1), (1, 900), (33, 47), (101, 38)):
        assert spread(np.ones((2, 2), np.float32), InputContract(size=64, resize=64), height, width)[0].shape == (
            height,
            width,
        )


def test_what_was_not_seen_is_dimmed_and_the_hottest_is_yellow() -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[1, 1] = 1
    picture = warmed(np.full((100, 160, 3), 200, np.uint8), heat, CONTRACT)
    assert picture.dtype == np.uint8
    assert (picture[:10] == round(DIMMED * 200)).all()
    red, green, blue = picture[40, 70].astype(int)
    assert min(red, green) > blue + 80
    assert np.abs(picture[40, 70] - (200 * (1 - MOST_COLOUR) + RAMP[-1] * MOST_COLOUR)).max() < 30
    assert picture[80, 110, 2] > picture[80, 110, 1]  # violet


def test_lightness_rises_along_the_ramp() -> None:
    lightness = coloured(np.linspace(0, 1, 50)) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > 0).all()
