from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from shibuya_optics.augment import ViewOptions
from shibuya_optics.augment.options import LIMITS
from shibuya_optics.errors import InputError, ViewsError


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("area", (0.9, 0.1), "area is a range, two numbers from 0.01 to 1, smaller first; received (0.9, 0.1)."),
        ("area", 0.5, "area is a range"),
        ("area", (0.5, 1.5), "area is a range"),
        ("area", (0.1, 0.2, 0.3), "area is a range"),
        ("aspect", 0.5, "aspect is a number from 1 to 4; received 0.5."),
        ("blur", 3, "blur is a number from 0 to 1; received 3."),
        ("blur", "often", "received 'often'."),
        ("glare", -0.1, "glare is a number from 0 to 1"),
        ("mirror", True, "mirror is a number"),
        ("rotation", float("nan"), "rotation is a number"),
        ("perspective", 0.5, "perspective is a number from 0 to 0.4"),
        ("jpeg_quality", (0, 50), "jpeg_quality is a range, two numbers from 1 to 100"),
        ("copies", (0, 5), "copies is a range, two numbers from 1 to 200"),
    ],
)
def test_an_option_out_of_its_limits_is_named(option: str, value: Any, message: str) -> None:
    with pytest.raises(ViewsError) as raised:
        ViewOptions(**{option: value})
    assert message in str(raised.value)
    assert isinstance(raised.value, InputError)


def test_every_limit_is_an_options() -> None:
    assert set(LIMITS) <= {field.name for field in fields(ViewOptions)}


def test_print_is_not_mirrored_and_new_views_are_off_by_default() -> None:
    options = ViewOptions()
    off = ("mirror", "perspective", "shadow", "glare", "motion", "noise", "jpeg", "background")
    assert all(getattr(options, name) == 0 for name in off)
    assert options.gamma == 1


def test_what_the_shipped_bundle_was_trained_with_stands() -> None:
    options = ViewOptions()
    assert (options.area, options.aspect, options.rotation) == ((0.35, 1.0), 1.25, 15.0)
    assert (options.brightness, options.contrast, options.saturation, options.cast) == (0.25, 0.25, 0.3, 0.06)
    assert (options.blur, options.blur_radius, options.erase, options.erase_area) == (
        0.15,
        (0.3, 1.5),
        0.2,
        (0.02, 0.2),
    )
