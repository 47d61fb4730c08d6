from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from shibuya_optics.augment import ViewOptions, contact_sheet, random_view
from shibuya_optics.augment.options import OFF
from shibuya_optics.augment.sheet import CAPTION, CHANCES, COLUMNS, FAMILIES, GAP, family_alone
from shibuya_optics.contract import Pixels

SIDE = 64


def cell(sheet: Pixels, place: int) -> Pixels:
    top = place // COLUMNS * (SIDE + CAPTION + GAP) + GAP
    left = place % COLUMNS * (SIDE + GAP) + GAP
    return sheet[top : top + SIDE, left : left + SIDE]


def test_the_photo_comes_first_and_whole(pack: Pixels) -> None:
    sheet = contact_sheet(pack, ViewOptions(), 3, 0, SIDE)
    assert sheet.dtype == np.uint8
    first = cell(sheet, 0)
    assert (first[:, :4] == 255).all()  # a tall photo is fitted in, not cut
    assert first.std() > 20


def test_the_same_seed_gives_the_same_sheet(fruit: Pixels) -> None:
    sheets = [contact_sheet(fruit, ViewOptions(), 24, seed, SIDE) for seed in (1, 1, 2)]
    assert np.array_equal(sheets[0], sheets[1])
    assert not np.array_equal(sheets[0], sheets[2])


def test_views_after_the_families_are_what_training_draws(textured: Pixels) -> None:
    options = ViewOptions(rotation=90.0, erase=0.0)
    place = len(FAMILIES) + 1
    sheet = contact_sheet(textured, options, place + 1, 7, SIDE)
    drawn = random_view(textured, SIDE, options, np.random.default_rng((7, place)))
    assert np.array_equal(cell(sheet, place + 1), drawn)


@pytest.mark.parametrize("views", [1, 5, 40])
def test_there_are_as_many_views_as_asked_for(textured: Pixels, views: int) -> None:
    sheet = contact_sheet(textured, ViewOptions(), views, 0, SIDE)
    rows = -(-(views + 1) // COLUMNS)
    assert sheet.shape[0] == rows * (SIDE + CAPTION + GAP) + GAP
    assert cell(sheet, views).std() > 3


def test_every_width_and_chance_belongs_to_one_family() -> None:
    listed = [key for family in FAMILIES.values() for key in family]
    assert len(listed) == len(set(listed))
    shapes = {"shadow_depth", "glare_strength", "erase_area", "blur_radius", "motion_length", "noise_level"}
    shapes |= {"jpeg_quality", "copies", "tilt"}
    assert {field.name for field in fields(ViewOptions)} == set(listed) | shapes
    assert set(listed) >= CHANCES


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_alone_has_all_others_off(name: str) -> None:
    options = replace(ViewOptions(), rotation=3.0, blur=0.01, blur_radius=(2.0, 2.0))
    alone, off = family_alone(options, name)
    others = {key for family in FAMILIES for key in FAMILIES[family] if family != name}
    assert all(getattr(alone, key) == getattr(OFF, key) for key in others)
    assert any(getattr(alone, key) != getattr(OFF, key) for key in FAMILIES[name])
    assert alone.blur_radius == (2.0, 2.0)
    assert off == all(getattr(options, key) == getattr(OFF, key) for key in FAMILIES[name])


def test_a_family_that_is_on_is_shown_in_its_own_range() -> None:
    options = replace(ViewOptions(), rotation=3.0, blur=0.01)
    assert family_alone(options, "rotation")[0].rotation == 3.0
    assert family_alone(options, "blur")[0].blur == 1.0
