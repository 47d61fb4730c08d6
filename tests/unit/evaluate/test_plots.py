from __future__ import annotations

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    SHARES,
    TOP,
    WIDTH,
    Axis,
    Frame,
    columns,
    dots,
    key,
    line,
    lying_bars,
    plot,
    steps,
)

FRAME = Frame(Axis("a & b", SHARES, percent=True), Axis("<y>", (0.0, 10.0, 20.0)))


@given(low=st.floats(-1e6, 1e6), span=st.floats(0, 1e6))
def test_ticks_are_few_ascend_and_hold_the_values(low: float, span: float) -> None:
    ticks = Axis.around("x", low, low + span).ticks
    assert 2 <= len(ticks) <= 8
    assert list(ticks) == sorted(set(ticks))
    assert ticks[0] <= low + 1e-6 * max(abs(low), span, 1)
    assert ticks[-1] >= low + span - 1e-6 * max(abs(low), span, 1)


def test_ticks_by_hand() -> None:
    assert Axis.around("x", 0, 0.135).ticks == (0, 0.05, 0.1, 0.15)
    assert Axis.around("x", -4.1, 10.6).ticks == (-5, 0, 5, 10, 15)
    assert Axis.around("x", 0, 0).ticks[0] == 0
    assert Axis("x", SHARES, percent=True).written(0.6) == "60 %"
    with pytest.raises(InputError, match="an axis from"):
        Axis.around("x", 0, math.nan)


def test_values_lie_between_the_ends_of_the_frame() -> None:
    assert FRAME.at(0, 0) == (LEFT, HEIGHT - BOTTOM)
    assert FRAME.at(1, 20) == (WIDTH - RIGHT, TOP)
    assert FRAME.at(2, 99) == (WIDTH - RIGHT, TOP)


def test_a_plot_is_well_formed_with_its_labels_escaped() -> None:
    marks = [
        line(FRAME, (0, 1), (0, 20)),
        dots(FRAME, (0.5,), (10,)),
        steps(FRAME, (0, 0.5, 1), (3, 4), "second"),
        columns(FRAME, (0.4,), (7,), 0.2),
    ]
    drawn = plot('told "so"', FRAME, *marks)
    svg = ET.fromstring(drawn)  # noqa: S314 - our own
    texts = [element.text for element in svg.iter("text")]
    assert svg.get("aria-label") == 'told "so"'
    assert {"a & b", "<y>", "20 %", "7"} <= set(texts)
    outline = next(svg.iter("polygon")).get("points")
    assert outline is not None
    assert len(outline.split()) == 6


def test_lying_bars_are_as_long_as_their_values() -> None:
    drawn = lying_bars("told", Axis("accuracy", SHARES), [("plain", 1.0, "1.000"), ("<dark>", 0.5, "0.500")])
    svg = ET.fromstring(drawn)  # noqa: S314 - our own
    widths = [float(bar.get("width", "0")) for bar in svg.iter("rect")]
    assert widths == [widths[0], pytest.approx(widths[0] / 2, abs=0.1)]
    assert "<dark>" in [element.text for element in svg.iter("text")]


def test_a_key_names_tones() -> None:
    assert key(("first", "a<b")) == '<p class="key"><span><i class="first"></i>a&lt;b</span></p>'
