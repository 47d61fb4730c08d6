"""From a product to the surfaces of its pack, standing on the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from shibuya_optics.demo.brands import Product
from shibuya_optics.demo.camera import Matrix
from shibuya_optics.demo.fronts import readable
from shibuya_optics.demo.kinds import Colour, Shape
from shibuya_optics.demo.light import Finish
from shibuya_optics.demo.sides import METAL, face, flap, lid, scaled, side, wrap
from shibuya_optics.demo.surfaces import Panel, Shell

Surface = Panel | Shell
PRINT_PX = 720
GABLE, FIN = 0.42, 0.22
CARD = Finish(gloss=0.025)
COATED = Finish(gloss=0.05)
GLASS = Finish(gloss=0.12)
TIN = Finish(gloss=0.02, metal=True)


def stand(product: Product, place: Matrix, turn: float) -> list[Surface]:
    """The surfaces of a product's pack, in the order in which they are painted.

    Args:
        product: what is in the pack.
        place: float64 (3,), the middle of its foot, cm.
        turn: radians about the vertical axis; at 0 the front looks towards us.
    """
    return _SHAPES[product.kind.shape](product, place, turn)


def overall_height(product: Product) -> float:
    """How high the pack stands, cm: a carton's gable rises above its walls."""
    _, depth, height = product.kind.size
    return height + (GABLE + FIN) * depth if product.kind.shape == "carton" else height


def _box(product: Product, place: Matrix, turn: float) -> list[Surface]:
    width, depth, height = product.kind.size
    density = PRINT_PX / max(width, height)
    body = _body(product, place, turn, COATED)
    top = flap(product, round(width * density), round(depth * density))
    return [*body, _panel(place, turn, (-width / 2, height, -depth / 2), (width, 0, 0), (0, 0, depth), top, COATED)]


def _body(product: Product, place: Matrix, turn: float, finish: Finish) -> list[Surface]:
    """The four walls of an upright pack; the back is blank, for it is never seen."""
    width, depth, height = product.kind.size
    density = PRINT_PX / max(width, height)
    x, z = width / 2, depth / 2
    beside = side(product, round(depth * density), round(height * density))
    ahead = face(product, round(width * density), round(height * density))
    down = (0, -height, 0)
    return [
        _panel(place, turn, (x, height, z), (0, 0, -depth), down, beside, finish),
        _panel(place, turn, (-x, height, -z), (0, 0, depth), down, beside, finish),
        _panel(place, turn, (-x, height, z), (width, 0, 0), down, ahead, finish),
    ]


def _carton(product: Product, place: Matrix, turn: float) -> list[Surface]:
    """A gable-top carton: two slopes that meet below an upright fin, and folded triangles at the sides."""
    width, depth, height = product.kind.size
    x, z, rise, fin = width / 2, depth / 2, GABLE * depth, FIN * depth
    slope = _plain(product, width, rise)
    gable = _triangle(scaled(product.palette.base, 0.82))
    ridge = height + rise
    return [
        *_body(product, place, turn, CARD),
        _panel(place, turn, (x, ridge, z), (0, 0, -depth), (0, -rise, 0), gable, CARD),
        _panel(place, turn, (-x, ridge, -z), (0, 0, depth), (0, -rise, 0), gable, CARD),
        _panel(place, turn, (-x, ridge, 0), (width, 0, 0), (0, -rise, z), slope, CARD),
        _panel(place, turn, (-x, ridge + fin, 0.1), (width, 0, 0), (0, -fin, 0), _fin(product), CARD),
        _panel(place, turn, (-x, ridge + fin, -0.3), (width, 0, 0), (0, 0, 0.4), _plain(product, width, 1), CARD),
    ]


def _tin(product: Product, place: Matrix, turn: float) -> list[Surface]:
    width, _, height = product.kind.size
    radius, rim = width / 2, min(0.45, 0.06 * height)
    metal = Image.new("RGB", (8, 8), METAL)
    label = _wrap(product, radius, height - 2 * rim)
    return [
        Shell(place, rim, height - rim, radius, radius, turn, label, COATED),
        Shell(place, 0, rim, 1.02 * radius, 1.02 * radius, turn, metal, TIN),
        Shell(place, height - rim, height, 1.02 * radius, 1.02 * radius, turn, metal, TIN),
        _cover(product, place, turn, height, 1.02 * radius, Finish(gloss=0.1)),
    ]


def _jar(product: Product, place: Matrix, turn: float) -> list[Surface]:
    width, _, height = product.kind.size
    radius, neck = width / 2, 0.4 * width
    content = Image.new("RGB", (8, 8), product.kind.content)
    cap = Image.new("RGB", (8, 8), readable(product.palette.paper, product.palette.accent, product.palette.base))
    label = _wrap(product, radius, 0.6 * height)
    return [
        Shell(place, 0, 0.05 * height, 0.9 * radius, radius, turn, content, GLASS),
        Shell(place, 0.05 * height, 0.72 * height, radius, radius, turn, content, GLASS),
        Shell(place, 0.72 * height, 0.83 * height, radius, neck, turn, content, GLASS),
        Shell(place, 0.08 * height, 0.68 * height, 1.01 * radius, 1.01 * radius, turn, label, CARD),
        Shell(place, 0.82 * height, height, 1.12 * neck, 1.12 * neck, turn, cap, COATED),
        _cover(product, place, turn, height, 1.12 * neck, COATED),
    ]


def _tub(product: Product, place: Matrix, turn: float) -> list[Surface]:
    width, _, height = product.kind.size
    radius, foot = width / 2, 0.4 * width
    cap = Image.new("RGB", (8, 8), readable(product.palette.paper, product.palette.accent, product.palette.base))
    return [
        Shell(place, 0, 0.92 * height, foot, 0.96 * radius, turn, _wrap(product, radius, height), COATED),
        Shell(place, 0.9 * height, height, radius, radius, turn, cap, COATED),
        _cover(product, place, turn, height, radius, COATED),
    ]


def _wrap(product: Product, radius: float, height: float) -> Image.Image:
    density = PRINT_PX / max(2 * radius, height)
    return wrap(product, round(2 * np.pi * radius * density), round(height * density), round(1.9 * radius * density))


def _cover(product: Product, place: Matrix, turn: float, height: float, radius: float, finish: Finish) -> Panel:
    corner = (-radius, height, -radius)
    return _panel(place, turn, corner, (2 * radius, 0, 0), (0, 0, 2 * radius), lid(product, 400), finish)


def _plain(product: Product, width: float, height: float) -> Image.Image:
    return Image.new("RGB", (max(2, round(8 * width)), max(2, round(8 * height))), product.palette.base)


def _fin(product: Product) -> Image.Image:
    image = Image.new("RGB", (160, 40), scaled(product.palette.base, 0.95))
    ImageDraw.Draw(image).line((0, 12, 160, 12), fill=scaled(product.palette.base, 0.8), width=2)
    return image


def _triangle(colour: Colour) -> Image.Image:
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).polygon([(60, 0), (120, 120), (0, 120)], fill=colour)
    return image


_Corner = tuple[float, float, float]


def _panel(
    place: Matrix,
    turn: float,
    origin: _Corner,
    along_u: _Corner,
    along_v: _Corner,
    picture: Image.Image,
    finish: Finish,
) -> Panel:
    """A panel given in the pack's own coordinates: its foot at the origin, its front towards us."""
    cos, sin = np.cos(turn), np.sin(turn)
    turned = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    return Panel(place + turned @ origin, turned @ along_u, turned @ along_v, picture, finish)


_SHAPES: dict[Shape, Callable[[Product, Matrix, float], list[Surface]]] = {
    "box": _box,
    "carton": _carton,
    "jar": _jar,
    "tin": _tin,
    "tub": _tub,
}
