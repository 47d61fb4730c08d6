from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.few_shot_plot import MOST_CURVES, Curve, curve_of, draw_curves

SVG = "{http://www.w3.org/2000/svg}"
CURVE = Curve("taught", (1, 2, 5, 10, 20), (0.40, 0.5, 0.6, 0.65, 0.7), (0.05, 0.03, 0.02, 0.01, 0.01))


def drawn(*curves: Curve) -> ET.Element:
    return ET.fromstring(draw_curves(curves))  # noqa: S314 - our own text


def middles(plot: ET.Element) -> list[list[tuple[float, float]]]:
    lines = [line.attrib["points"] for line in plot.iter(f"{SVG}polyline")]
    return [[tuple(map(float, point.split(","))) for point in line.split()] for line in lines]  # type: ignore[misc]


def texts(plot: ET.Element) -> list[str]:
    return [text.text or "" for text in plot.iter(f"{SVG}text")]


def test_the_line_goes_through_the_means_on_a_logarithmic_axis() -> None:
    plot = drawn(CURVE)
    (line,) = middles(plot)
    (x1, y1), (x2, y2), (x5, _), (x10, _), (x20, y20) = line
    assert x2 - x1 == pytest.approx(x20 - x10, abs=0.2)
    assert x10 - x5 == pytest.approx(x2 - x1, abs=0.2)
    assert (y1 - y2) / (y1 - y20) == pytest.approx(0.1 / 0.3, abs=0.01)
    ticks = {text.text: float(text.attrib["y"]) - 5 for text in plot.iter(f"{SVG}text") if text.get("class") == "soft"}
    assert ticks["0.40"] == pytest.approx(y1, abs=0.2)
    assert ticks["0.70"] == pytest.approx(y20, abs=0.2)
    assert {"1", "2", "5", "10", "20"} < set(ticks)


def test_the_band_is_one_deviation_to_either_side() -> None:
    plot = drawn(CURVE)
    (line,), (band,) = middles(plot), list(plot.iter(f"{SVG}polygon"))
    points = [tuple(map(float, point.split(","))) for point in band.attrib["points"].split()]
    tenth = line[0][1] - line[1][1]
    assert points[0][1] == pytest.approx(line[0][1] - tenth / 2, abs=0.2)
    assert points[-1][1] == pytest.approx(line[0][1] + tenth / 2, abs=0.2)


def test_axes_curves_and_points_say_what_they_are() -> None:
    plot = drawn(CURVE, Curve("fine & <tuned>", (1, 20), (0.3, 0.8), (0.0, 0.0)))
    assert {"accuracy", "taught 0.700", "fine & <tuned> 0.800"} < set(texts(plot))
    assert any("logarithmic" in text for text in texts(plot))
    assert "fine & <tuned>: 0.300 at 1, 0.800 at 20" in (plot.findtext(f"{SVG}desc") or "")
    assert len(list(plot.iter(f"{SVG}path"))) == 7
    assert len({group.attrib["class"] for group in plot.iter(f"{SVG}g")}) == 2


def test_names_of_curves_that_end_together_do_not_lie_on_each_other() -> None:
    low = [Curve(f"number {i}", (1, 2), (0.9, 0.1), (0.0, 0.0)) for i in range(MOST_CURVES)]
    plot = drawn(*low)
    ends = sorted(float(text.attrib["y"]) for text in plot.iter(f"{SVG}text") if text.get("class") == "name")
    assert all(b - a >= 18.9 for a, b in pairwise(ends))
    assert ends[-1] <= float(plot.attrib["height"]) - 50
    longest = drawn(Curve("a name " * 9, (1, 2), (0.9, 0.1), (0.0, 0.0)))
    assert float(longest.attrib["width"]) > float(plot.attrib["width"]) + 300


def test_it_stands_alone_on_light_and_dark_pages() -> None:
    text = draw_curves([CURVE])
    assert "prefers-color-scheme: dark" in text
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in text


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_single_point_lies_inside_the_plot(share: float) -> None:
    plot = drawn(Curve("one", (5,), (share,), (0.3,)))
    (((x, y),),) = middles(plot)
    assert 64 < x < 590
    assert 56 <= y <= 402
    (band,) = [polygon.attrib["points"] for polygon in plot.iter(f"{SVG}polygon")]
    assert all(55.9 <= float(point.split(",")[1]) <= 402.1 for point in band.split())


def test_a_document_gives_its_curve() -> None:
    points = [
        {"k": 5, "accuracy": {"mean": 0.6, "sd": 0.1}},
        {"k": 1, "accuracy": {"mean": 0.4, "sd": None}},
    ]
    document: dict[str, Any] = {"bundle": "mine", "few_shot": {"points": points}}
    assert curve_of(document) == Curve("mine", (1, 5), (0.4, 0.6), (0.0, 0.1))
    assert curve_of({"points": points}, "other") == Curve("other", (1, 5), (0.4, 0.6), (0.0, 0.1))


@pytest.mark.parametrize("document", [{}, {"bundle": "x"}, {"points": [{"k": 1}]}, {"points": 3}, []])
def test_what_holds_no_curve_is_refused(document: Any) -> None:
    with pytest.raises(InputError, match="without a few-shot curve"):
        curve_of(document, "name")


def test_too_many_curves_or_none_are_refused() -> None:
    with pytest.raises(InputError, match="0 curves"):
        draw_curves([])
    with pytest.raises(InputError, match="7 curves"):
        draw_curves([CURVE] * 7)
    with pytest.raises(InputError, match="each with a point"):
        draw_curves([Curve("empty", (), (), ())])
