"""Plots as inline SVG, without a drawing library: a frame with two axes, and marks in it. Colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from shibuya_optics.errors import InputError

WIDTH, HEIGHT = 440, 310
LEFT, RIGHT, TOP, BOTTOM = 80, 28, 14, 50
BAR, NAMES = 34, 90
"""The height of a bar that lies, and the room for the names before them, px."""
MOST_STEPS = 5


@dataclass(frozen=True)
class Axis:
    """An axis: what it shows, and its ticks, ascending; it runs from the first to the last."""

    label: str
    ticks: tuple[float, ...]
    percent: bool = False

    @classmethod
    def around(cls, label: str, low: float, high: float, *, percent: bool = False) -> Axis:
        """An axis with round ticks, at most six or so, that holds the values from `low` to `high`.

        Raises:
            InputError: `low` is above `high`, or one is not a finite number.
        """
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise InputError(f"an axis from {low} to {high}: give two finite numbers, the lower first.")
        # Values that lie closer together than ticks can be told apart get an axis as long as the largest of them, or 1.
        largest = max(abs(low), abs(high), 1e-6)
        span = high - low if high - low > 1e-9 * max(largest, 1) else largest
        power = 10.0 ** math.floor(math.log10(span / MOST_STEPS))
        step = next(step * power for step in (1, 2, 5, 10, 20) if span <= MOST_STEPS * step * power * (1 + 1e-9))
        first = math.floor(low / step + 1e-9)
        last = max(math.ceil(high / step - 1e-9), first + 1)
        return cls(label, tuple(round(tick * step, 12) for tick in range(first, last + 1)), percent)

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the first tick, 1 at the last; what lies outside is at the end."""
        return min(max((value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0]), 0.0), 1.0)

    def written(self, tick: float) -> str:
        """A tick as text."""
        return f"{100 * tick:.10g} %" if self.percent else f"{tick:g}"


SHARES = tuple(i / 5 for i in range(6))
"""Ticks of an axis of shares, from 0 to 1."""


@dataclass(frozen=True)
class Frame:
    """The two axes of a plot, and where values lie in it, px."""

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The px of a point."""
        across = LEFT + self.x.share(x) * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - self.y.share(y) * (HEIGHT - TOP - BOTTOM)

    def path(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Points as SVG writes them."""
        return " ".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in zip(xs, ys, strict=True))


def plot(told: str, frame: Frame, *marks: str) -> str:
    """A plot: the axes with their labels, and the marks over them. `told`: what it shows, for who cannot see it."""
    return _svg(told, HEIGHT, [*_axes(frame), *marks])


def line(frame: Frame, xs: Sequence[float], ys: Sequence[float], tone: str = "first") -> str:
    """A line through points."""
    return f'<polyline class="line {tone}" points="{frame.path(xs, ys)}"/>'


def dots(frame: Frame, xs: Sequence[float], ys: Sequence[float], tone: str = "first") -> str:
    """A dot at each point."""
    places = (frame.at(x, y) for x, y in zip(xs, ys, strict=True))
    return "".join(f'<circle class="dot {tone}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>' for x, y in places)


def steps(frame: Frame, edges: Sequence[float], heights: Sequence[float], tone: str = "first") -> str:
    """A histogram as one filled outline. Edges: (bins + 1,), heights: (bins,)."""
    xs = [edges[0], *(edge for edge in edges[1:-1] for _ in range(2)), edges[-1]]
    ys = [height for height in heights for _ in range(2)]
    return f'<polygon class="area {tone}" points="{frame.path([xs[0], *xs, xs[-1]], [0, *ys, 0])}"/>'


def columns(frame: Frame, xs: Sequence[float], heights: Sequence[float], width: float) -> str:
    """A column around each x, `width` wide, in the axis' unit, with its height above it."""
    drawn = []
    for x, height in zip(xs, heights, strict=True):
        (left, top), (right, floor) = frame.at(x - width / 2, height), frame.at(x + width / 2, 0)
        box = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{floor - top:.1f}"'
        drawn.append(f'<rect class="bar first" {box}/>')
        drawn.append(f'<text x="{(left + right) / 2:.1f}" y="{top - 5:.1f}" text-anchor="middle">{height:g}</text>')
    return "".join(drawn)


def key(*entries: tuple[str, str]) -> str:
    """Names of tones, `(tone, name)`, as a line to put above a plot; HTML."""
    named = (f'<span><i class="{tone}"></i>{escape(name)}</span>' for tone, name in entries)
    return f'<p class="key">{"".join(named)}</p>'


def lying_bars(told: str, axis: Axis, rows: Sequence[tuple[str, float, str]]) -> str:
    """Bars that lie, one a row: its name, its value, and what is written behind it."""
    height, right = TOP + BAR * len(rows) + BOTTOM, WIDTH - 66
    floor, parts = height - BOTTOM, []
    for tick in axis.ticks:
        x = NAMES + axis.share(tick) * (right - NAMES)
        parts.append(f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{floor}"/>')
        parts.append(
            f'<text class="soft" x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{axis.written(tick)}</text>'
        )
    for i, (name, value, behind) in enumerate(rows):
        top, end = TOP + BAR * i + 5, axis.share(value) * (right - NAMES)
        middle = top + (BAR - 10) / 2 + 5
        parts.append(f'<text x="{NAMES - 8}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="bar first" x="{NAMES}" y="{top}" width="{end:.1f}" height="{BAR - 10}"/>')
        parts.append(f'<text x="{NAMES + end + 6:.1f}" y="{middle:.1f}">{escape(behind)}</text>')
    parts.append(
        f'<text x="{(NAMES + right) / 2:.0f}" y="{height - 10}" text-anchor="middle">{escape(axis.label)}</text>'
    )
    return _svg(told, height, parts)


def _svg(told: str, height: int, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg {size} role="img" aria-label="{escape(told)}">{"".join(parts)}</svg>'


def _axes(frame: Frame) -> Iterator[str]:
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for tick in frame.y.ticks:
        _, y = frame.at(frame.x.ticks[0], tick)
        yield f'<line class="rule" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="soft" x="{LEFT - 7}" y="{y + 5:.1f}" text-anchor="end">{frame.y.written(tick)}</text>'
    for tick in frame.x.ticks:
        x, _ = frame.at(tick, frame.y.ticks[0])
        yield f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="{floor}" y2="{floor + 4}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{floor + 19}" text-anchor="middle">{frame.x.written(tick)}</text>'
    yield f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 9}" text-anchor="middle">{escape(frame.x.label)}</text>'
    up = (TOP + floor) / 2
    turned = f'text-anchor="middle" transform="rotate(-90 13 {up:.0f})"'
    yield f'<text x="13" y="{up:.0f}" {turned}>{escape(frame.y.label)}</text>'
