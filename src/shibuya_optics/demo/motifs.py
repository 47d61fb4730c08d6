"""The pictures on the packs, as coloured polygons in a square from -1 to 1, x to the right and y down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shibuya_optics.demo.kinds import Colour

Point = tuple[float, float]
Outline = NDArray[np.float64]


@dataclass(frozen=True)
class Patch:
    """One filled polygon of a motif."""

    points: tuple[Point, ...]
    colour: Colour


def oval(x: float, y: float, across: float, down: float, colour: Colour, degrees: float = 0) -> Patch:
    """An ellipse with the half-axes `across` and `down`, turned by `degrees`."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return _turned(np.stack([across * np.cos(angles), down * np.sin(angles)], axis=1), x, y, degrees, colour)


def leaf(x: float, y: float, length: float, width: float, colour: Colour, degrees: float) -> Patch:
    """A pointed leaf that grows from (x, y) into the direction `degrees`, 0 to the right and 90 down."""
    along = np.concatenate([np.linspace(0, 1, 14), np.linspace(1, 0, 14)])
    side = np.concatenate([np.ones(14), -np.ones(14)])
    outline = np.stack([along * length, side * width / 2 * np.sin(np.pi * along**0.8)], axis=1)
    return _turned(outline, x, y, degrees, colour)


def bar(x: float, y: float, across: float, down: float, colour: Colour, degrees: float = 0) -> Patch:
    """A rectangle with the half-sides `across` and `down`, turned by `degrees`."""
    corners = np.array([[-across, -down], [across, -down], [across, down], [-across, down]])
    return _turned(corners, x, y, degrees, colour)


def _turned(outline: Outline, x: float, y: float, degrees: float, colour: Colour) -> Patch:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return Patch(tuple((float(px), float(py)) for px, py in outline @ turn + (x, y)), colour)


def _butter() -> list[Patch]:
    top, front, side = (255, 232, 130), (248, 208, 84), (226, 178, 54)
    return [
        oval(0, 0.52, 1.0, 0.3, (236, 240, 244)),
        oval(0, 0.46, 0.86, 0.22, (206, 214, 222)),
        Patch(((-0.75, -0.1), (0.25, 0.12), (0.25, 0.58), (-0.75, 0.34)), front),
        Patch(((0.25, 0.12), (0.8, -0.16), (0.8, 0.28), (0.25, 0.58)), side),
        Patch(((-0.75, -0.1), (-0.2, -0.36), (0.8, -0.16), (0.25, 0.12)), top),
        Patch(((-0.42, -0.02), (0.13, -0.29), (0.2, -0.28), (-0.35, 0.0)), (255, 246, 190)),
    ]


def _milk() -> list[Patch]:
    return [
        Patch(((-0.5, -0.8), (0.5, -0.8), (0.38, 0.85), (-0.38, 0.85)), (126, 176, 210)),
        Patch(((-0.46, -0.35), (0.46, -0.35), (0.36, 0.8), (-0.36, 0.8)), (255, 255, 255)),
        oval(0, -0.35, 0.46, 0.1, (222, 234, 244)),
        bar(-0.24, 0.2, 0.05, 0.45, (226, 236, 242), 4),
        oval(0.72, -0.1, 0.1, 0.17, (176, 208, 230), 20),
        oval(-0.74, -0.45, 0.08, 0.13, (176, 208, 230), -15),
    ]


def _berries() -> list[Patch]:
    patches = [leaf(0, -0.35, 0.8, 0.4, (74, 140, 62), angle) for angle in (-150, -40)]
    spots = ((-0.42, 0.1), (0.42, 0.08), (0, -0.2), (-0.2, 0.52), (0.3, 0.55), (0.02, 0.2))
    for i, (x, y) in enumerate(spots):
        colour = ((186, 26, 60), (86, 42, 120))[i % 2]
        patches += [oval(x, y, 0.33, 0.33, colour), oval(x - 0.1, y - 0.12, 0.09, 0.07, (250, 214, 222))]
    return patches


def _orange() -> list[Patch]:
    patches = [
        leaf(0.1, -0.75, 0.75, 0.36, (66, 138, 58), -20),
        oval(0, 0.05, 0.86, 0.86, (242, 132, 20)),
        oval(0, 0.05, 0.76, 0.76, (255, 236, 196)),
    ]
    return patches + [_segment(angle) for angle in range(0, 360, 45)]


def _segment(degrees: float) -> Patch:
    outline = np.array([[0.1, 0], [0.66, -0.2], [0.7, 0], [0.66, 0.2]])
    return _turned(outline, 0, 0.05, degrees, (250, 160, 40))


def _wheat() -> list[Patch]:
    patches = [bar(0, 0.3, 0.025, 0.7, (160, 112, 40))]
    for step in range(5):
        y = 0.3 - 0.24 * step
        patches += [leaf(0, y, 0.55, 0.24, (232, 184, 82), angle) for angle in (-35, -145)]
    return [*patches, leaf(0, -0.7, 0.4, 0.22, (246, 204, 104), -90)]


def _coffee() -> list[Patch]:
    patches: list[Patch] = []
    for x, y, turn in ((-0.42, 0.3, 35), (0.42, 0.36, -30), (0.02, -0.32, 70)):
        patches += [
            oval(x, y, 0.5, 0.36, (88, 50, 26), turn),
            oval(x, y, 0.4, 0.26, (118, 70, 38), turn),
            leaf(
                x - 0.42 * np.cos(np.deg2rad(turn)), y - 0.42 * np.sin(np.deg2rad(turn)), 0.84, 0.12, (52, 28, 14), turn
            ),
        ]
    return patches


def _leaves() -> list[Patch]:
    patches = []
    for angle, length, colour in ((-90, 1.5, (76, 148, 62)), (-140, 1.1, (58, 124, 52)), (-40, 1.1, (98, 168, 76))):
        patches += [
            leaf(0, 0.75, length, 0.56, colour, angle),
            leaf(0, 0.75, length * 0.9, 0.05, (206, 230, 170), angle),
        ]
    return patches


def _bowl() -> list[Patch]:
    grains = [oval(-0.62 + 0.155 * i, -0.16 - 0.1 * (i % 3), 0.15, 0.1, (222, 172, 92), 40 * i) for i in range(9)]
    fruit = [oval(-0.3, -0.24, 0.13, 0.13, (186, 30, 52)), oval(0.22, -0.3, 0.12, 0.12, (70, 60, 140))]
    rim = oval(0, 0, 0.92, 0.2, (250, 246, 236))
    body = Patch(((-0.92, 0), (0.92, 0), (0.62, 0.62), (0.36, 0.8), (-0.36, 0.8), (-0.62, 0.62)), (88, 138, 186))
    return [
        rim,
        oval(0, -0.02, 0.82, 0.15, (240, 222, 186)),
        *grains,
        *fruit,
        body,
        bar(0, 0.2, 0.8, 0.04, (232, 240, 248)),
    ]


def _honey() -> list[Patch]:
    patches = []
    for x, y in ((0, -0.42), (-0.46, -0.16), (0.46, -0.16), (0, 0.1), (-0.46, 0.36), (0.46, 0.36), (0, 0.62)):
        patches += [_hexagon(x, y, 0.3, (206, 132, 20)), _hexagon(x, y, 0.23, (250, 190, 54))]
    wings = [oval(0.28, -0.8, 0.2, 0.11, (232, 240, 246), -40), oval(0.56, -0.84, 0.2, 0.11, (232, 240, 246), -130)]
    return [*patches, *wings, oval(0.42, -0.66, 0.24, 0.15, (40, 30, 20)), bar(0.42, -0.66, 0.05, 0.14, (250, 200, 60))]


def _hexagon(x: float, y: float, radius: float, colour: Colour) -> Patch:
    angles = np.arange(6) * np.pi / 3
    return _turned(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), x, y, 0, colour)


def _tomato() -> list[Patch]:
    body = [oval(0, 0.12, 0.88, 0.76, (206, 40, 28)), oval(-0.1, 0.05, 0.66, 0.56, (226, 62, 40))]
    stalk = [leaf(0, -0.5, 0.5, 0.2, (60, 130, 50), angle) for angle in (-165, -120, -60, -15, 35, 145)]
    return [*body, oval(-0.38, -0.14, 0.17, 0.1, (255, 176, 150), -35), *stalk]


def _beans() -> list[Patch]:
    patches: list[Patch] = []
    for x, y, turn in ((-0.4, -0.3, 20), (0.4, -0.2, -50), (-0.3, 0.42, -30), (0.42, 0.5, 25)):
        patches += [
            oval(x, y, 0.44, 0.27, (132, 26, 30), turn),
            oval(x - 0.08, y - 0.1, 0.16, 0.06, (212, 120, 112), turn),
        ]
    return patches


def _fish() -> list[Patch]:
    scales = [oval(-0.05 + 0.2 * i, 0.02, 0.05, 0.2, (150, 186, 208)) for i in range(3)]
    return [
        Patch(((0.45, 0), (0.98, -0.45), (0.86, 0), (0.98, 0.45)), (40, 88, 130)),
        Patch(((-0.1, -0.25), (0.25, -0.62), (0.34, -0.2)), (40, 88, 130)),
        oval(-0.15, 0, 0.78, 0.38, (62, 116, 160)),
        oval(-0.15, 0.14, 0.7, 0.22, (206, 224, 234)),
        *scales,
        oval(-0.62, -0.08, 0.08, 0.08, (255, 255, 255)),
        oval(-0.64, -0.08, 0.04, 0.04, (14, 20, 30)),
    ]


def _corn() -> list[Patch]:
    cob = [oval(0, -0.1, 0.4, 0.84, (240, 190, 40))]
    for row in range(8):
        cob += [oval(x, -0.72 + 0.18 * row, 0.085, 0.075, (255, 222, 96)) for x in (-0.2, 0, 0.2)]
    return [*cob, leaf(0, 0.9, 1.25, 0.5, (96, 156, 58), -125), leaf(0, 0.9, 1.25, 0.5, (72, 132, 48), -58)]


def _penne() -> list[Patch]:
    patches: list[Patch] = []
    for x, y, turn in ((-0.36, -0.36, 35), (0.36, -0.16, -40), (-0.16, 0.36, -10), (0.42, 0.6, 30)):
        patches += [bar(x, y, 0.5, 0.15, (236, 192, 98), turn), bar(x, y, 0.5, 0.025, (206, 154, 60), turn)]
        end = np.deg2rad(turn)
        patches.append(oval(x + 0.5 * np.cos(end), y + 0.5 * np.sin(end), 0.08, 0.15, (176, 120, 40), turn))
    return patches


def _chocolate() -> list[Patch]:
    patches = [bar(0, 0, 0.78, 0.86, (64, 34, 20), -12)]
    for row in range(3):
        for column in range(3):
            x, y = -0.48 + 0.48 * column, -0.54 + 0.54 * row
            patches += [bar(x + 0.2 * y, y - 0.2 * x, 0.21, 0.24, (98, 56, 32), -12)]
            patches += [bar(x + 0.2 * y, y - 0.2 * x - 0.03, 0.14, 0.15, (122, 74, 44), -12)]
    return patches


def _cracker() -> list[Patch]:
    patches = [bar(0.14, 0.16, 0.7, 0.7, (190, 132, 60), 14), bar(-0.08, -0.06, 0.7, 0.7, (234, 186, 104), 8)]
    holes = [(x, y) for x in (-0.45, -0.08, 0.29) for y in (-0.43, -0.06, 0.31)]
    return patches + [oval(x, y, 0.055, 0.055, (166, 108, 44)) for x, y in holes]


def _seeds() -> list[Patch]:
    random = np.random.default_rng(5)
    places = [(i * 2.39996, 0.2 * np.sqrt(i)) for i in range(24)]
    tones: Sequence[Colour] = ((214, 162, 40), (168, 112, 30), (110, 70, 30))
    return [
        oval(radius * np.cos(angle), radius * np.sin(angle), 0.15, 0.12, tones[int(random.integers(3))], 57 * angle)
        for angle, radius in places
    ]


def _peanut() -> list[Patch]:
    patches: list[Patch] = []
    for x, y, turn in ((-0.38, -0.1, -65), (0.4, 0.15, 65)):
        far = np.deg2rad(turn)
        ends = [(x + side * np.cos(far), y + side * np.sin(far)) for side in (-0.34, 0.3)]
        patches += [oval(x, y, 0.34, 0.22, (206, 154, 88), turn)]
        patches += [oval(end_x, end_y, 0.34, 0.34, (206, 154, 88)) for end_x, end_y in ends]
        patches += [oval(end_x - 0.05, end_y - 0.06, 0.2, 0.2, (226, 182, 120)) for end_x, end_y in ends]
    return patches


MOTIFS: dict[str, Callable[[], list[Patch]]] = {
    "beans": _beans,
    "berries": _berries,
    "bowl": _bowl,
    "butter": _butter,
    "chocolate": _chocolate,
    "coffee": _coffee,
    "corn": _corn,
    "cracker": _cracker,
    "fish": _fish,
    "honey": _honey,
    "leaves": _leaves,
    "milk": _milk,
    "orange": _orange,
    "peanut": _peanut,
    "penne": _penne,
    "seeds": _seeds,
    "tomato": _tomato,
    "wheat": _wheat,
}


def draw_motif(canvas: Image.Image, motif: str, x: float, y: float, radius: float) -> None:
    """Draw a motif onto an RGB canvas, centred at (x, y) px and reaching `radius` px to each side."""
    pen = ImageDraw.Draw(canvas)
    for patch in MOTIFS[motif]():
        pen.polygon([(x + radius * px, y + radius * py) for px, py in patch.points], fill=patch.colour)
