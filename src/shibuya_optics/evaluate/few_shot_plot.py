"""The plot of few-shot curves: one SVG that stands alone, for light and dark pages, without a drawing library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from shibuya_optics.errors import InputError

HEIGHT = 460
LEFT, RIGHT, TOP, BOTTOM = 64, 590, 56, 58
NAMES_AT, GAP, CHARACTER = RIGHT + 26, 19, 8.6
"""Where the curves' names begin, their least distance, and the width of a bold character, px."""
MOST_CURVES = 6
STEPS, MOST_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2), 6
STYLE = """
svg { --paper: #ffffff; --ink: #1c2126; --soft: #5b6570; --rule: #dfe3e7; font: 14px system-ui, sans-serif }
.c0 { --c: #1f66b5 } .c1 { --c: #c2541b } .c2 { --c: #14805e } .c3 { --c: #8a45b0 } .c4 { --c: #a8821a } .c5 { --c: #b8336a }
@media (prefers-color-scheme: dark) {
svg { --paper: #15191d; --ink: #e8ebee; --soft: #a3adb7; --rule: #333b43 }
.c0 { --c: #6db3f7 } .c1 { --c: #f2925c } .c2 { --c: #4fc79d } .c3 { --c: #c794e6 } .c4 { --c: #dcbb5a } .c5 { --c: #f07fab } }
.paper { fill: var(--paper) } text { fill: var(--ink) } .soft { fill: var(--soft) } .title { font-size: 16px; font-weight: 600 }
.rule { stroke: var(--rule) } .band { fill: var(--c); opacity: .16 } .name { fill: var(--c); font-weight: 600 }
.line { fill: none; stroke: var(--c); stroke-width: 2.5; stroke-linejoin: round } .mark { fill: var(--c); stroke: var(--paper) }
.lead { stroke: var(--c); stroke-width: 1 }
""".strip()


@dataclass(frozen=True)
class Curve:
    """One line of the plot.

    Attributes:
        name: as it is written at the line's end.
        ks: photos a product, ascending.
        means, sds: of the accuracy over draws, 0 to 1; an `sd` is 0 where there is one draw.
    """

    name: str
    ks: tuple[int, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]


class Frame(NamedTuple):
    """Where things stand: the ticks, and what px they lie at."""

    ks: tuple[int, ...]
    shares: tuple[float, ...]

    def x(self, k: float) -> float:
        """The px of a number of photos, on a logarithmic scale."""
        low, high = math.log(self.ks[0]), math.log(self.ks[-1])
        share = (math.log(k) - low) / (high - low) if high > low else 0.5
        return LEFT + 14 + share * (RIGHT - LEFT - 28)

    def y(self, share: float) -> float:
        """The px of a share."""
        low, high = self.shares[0], self.shares[-1]
        return HEIGHT - BOTTOM - (share - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def curve_of(document: Mapping[str, Any], name: str | None = None) -> Curve:
    """The curve in a document that `optics evaluate --few-shot --json` printed, or another with such `points`.

    Args:
        document: the JSON object, with `points` in `few_shot` or beside it.
        name: of the curve; left out, the bundle's.

    Raises:
        InputError: the document holds no few-shot curve.
    """
    try:
        points = sorted(document.get("few_shot", document)["points"], key=lambda point: int(point["k"]))
        return Curve(
            name=str(document["bundle"]) if name is None else name,
            ks=tuple(int(point["k"]) for point in points),
            means=tuple(float(point["accuracy"]["mean"]) for point in points),
            sds=tuple(float(point["accuracy"]["sd"] or 0) for point in points),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"a document without a few-shot curve ({error!r}): give what `optics evaluate --few-shot ... --json` printed."
        ) from error


def draw_curves(curves: Sequence[Curve], title: str = "Taught from k photos a product") -> str:
    """The plot as SVG: accuracy over k, a line through the means, a band of one standard deviation to either side.

    Raises:
        InputError: there is no curve, one has no points, or there are more than can be told apart.
    """
    if not 1 <= len(curves) <= MOST_CURVES or not all(curve.ks for curve in curves):
        raise InputError(f"{len(curves)} curves: give 1 to {MOST_CURVES}, each with a point or more.")
    frame = _frame(curves)
    bodies = [part for i, curve in enumerate(curves) for part in _curve(i, curve, frame)]
    names = _names(curves, frame)
    told = "; ".join(
        f"{curve.name}: " + ", ".join(f"{mean:.3f} at {k}" for k, mean in zip(curve.ks, curve.means, strict=True))
        for curve in curves
    )
    width = NAMES_AT + round(CHARACTER * max(len(_told(curve)) for curve in curves)) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="28">{escape(title)}</text>',
        *_axes(frame),
        *bodies,
        *names,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _frame(curves: Sequence[Curve]) -> Frame:
    """Ticks at each k, and at round shares around the bands, four to seven or so."""
    lows = [mean - sd for curve in curves for mean, sd in zip(curve.means, curve.sds, strict=True)]
    highs = [mean + sd for curve in curves for mean, sd in zip(curve.means, curve.sds, strict=True)]
    floor, ceiling = max(min(lows), 0.0), min(max(highs), 1.0)
    step = next((step for step in STEPS if ceiling - floor <= MOST_STEPS * step), STEPS[-1])
    low = min(math.floor(floor / step), round(1 / step) - 1)
    high = max(math.ceil(ceiling / step - 1e-9), low + 1)
    ks = tuple(sorted({k for curve in curves for k in curve.ks}))
    return Frame(ks, tuple(tick * step for tick in range(low, high + 1)))


def _axes(frame: Frame) -> Iterator[str]:
    floor = HEIGHT - BOTTOM
    for share in frame.shares:
        y = frame.y(share)
        yield f'<line class="rule" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="soft" x="{LEFT - 10}" y="{y + 5:.1f}" text-anchor="end">{share:.2f}</text>'
    for k in frame.ks:
        yield f'<text class="soft" x="{frame.x(k):.1f}" y="{floor + 22}" text-anchor="middle">{k}</text>'
    middle = (LEFT + RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">photos taught of each product (k, logarithmic)</text>'
    across = (TOP + floor) / 2
    yield f'<text x="18" y="{across:.0f}" text-anchor="middle" transform="rotate(-90 18 {across:.0f})">accuracy</text>'


def _curve(number: int, curve: Curve, frame: Frame) -> Iterator[str]:
    points = list(zip(curve.ks, curve.means, curve.sds, strict=True))
    upper = [(frame.x(k), frame.y(min(mean + sd, frame.shares[-1]))) for k, mean, sd in points]
    lower = [(frame.x(k), frame.y(max(mean - sd, frame.shares[0]))) for k, mean, sd in points]
    middle = [(frame.x(k), frame.y(mean)) for k, mean, _ in points]
    yield f'<g class="c{number}">'
    yield f'<polygon class="band" points="{_path([*upper, *reversed(lower)])}"/>'
    yield f'<polyline class="line" points="{_path(middle)}"/>'
    for (x, y), (k, mean, sd) in zip(middle, points, strict=True):
        told = escape(f"{curve.name}, {k} photos: {mean:.3f} ± {sd:.3f}")
        yield f'<path class="mark" d="{_mark(number, x, y)}"><title>{told}</title></path>'
    yield "</g>"


def _names(curves: Sequence[Curve], frame: Frame) -> Iterator[str]:
    """The curves' names at their ends, moved apart where they would lie on each other, each with its last mean."""
    ends = sorted((frame.y(curve.means[-1]), i) for i, curve in enumerate(curves))
    heights = _apart([end for end, _ in ends])
    for (end, number), y in zip(ends, heights, strict=True):
        x = frame.x(curves[number].ks[-1]) + 8
        yield f'<g class="c{number}"><line class="lead" x1="{x:.1f}" y1="{end:.1f}" x2="{NAMES_AT - 6}" y2="{y:.1f}"/>'
        yield f'<text class="name" x="{NAMES_AT}" y="{y + 5:.1f}">{escape(_told(curves[number]))}</text></g>'


def _apart(ends: Sequence[float]) -> list[float]:
    """Ascending heights moved to be `GAP` apart and to stay above the bottom."""
    down: list[float] = []
    for end in ends:
        down.append(max(end, down[-1] + GAP) if down else end)
    up: list[float] = []
    for end in reversed(down):
        up.append(min(end, up[-1] - GAP if up else HEIGHT - BOTTOM))
    return up[::-1]


def _told(curve: Curve) -> str:
    return f"{curve.name} {curve.means[-1]:.3f}"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _mark(number: int, x: float, y: float) -> str:
    """A mark of its own for each curve, so that colour is not needed to tell them apart."""
    if number % 3 == 0:
        return f"M{x - 4.5:.1f},{y:.1f}a4.5,4.5 0 1 0 9,0a4.5,4.5 0 1 0 -9,0z"
    if number % 3 == 1:
        return f"M{x - 4:.1f},{y - 4:.1f}h8v8h-8z"
    return f"M{x:.1f},{y - 5.5:.1f}l5.5,9.5h-11z"
