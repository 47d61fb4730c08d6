"""The fronts of the packs: six grounds, and where brand, picture, title, claim and amount stand on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from shibuya_optics.demo.brands import Layout, Palette, Product
from shibuya_optics.demo.kinds import Colour
from shibuya_optics.demo.sheet import Sheet


class Line(NamedTuple):
    """Where a line of text stands: its centre, its height, and the part of the sheet's width that it may take."""

    x: float
    y: float
    height: float
    fit: float


class Places(NamedTuple):
    """Where everything on a front stands; the picture by its centre and radius."""

    brand: Line
    motif: tuple[float, float, float]
    title: Line
    claim: Line
    amount: Line

    @property
    def motif_beside_words(self) -> bool:
        """Whether the picture stands to the left of the words rather than above or below them."""
        return self.motif[0] < self.title.x


class Grounds(NamedTuple):
    """The colours that the brand and the other words are printed on."""

    brand: Colour
    words: Colour


BRAND_FIRST = Places(
    Line(0.5, 0.2, 0.24, 0.84),
    (0.5, 0.52, 0.28),
    Line(0.5, 0.77, 0.13, 0.78),
    Line(0.5, 0.855, 0.08, 0.78),
    Line(0.5, 0.93, 0.07, 0.4),
)
PICTURE_FIRST = Places(
    Line(0.5, 0.54, 0.22, 0.74),
    (0.5, 0.26, 0.26),
    Line(0.5, 0.68, 0.12, 0.72),
    Line(0.5, 0.82, 0.08, 0.74),
    Line(0.5, 0.91, 0.07, 0.4),
)
SQUARE = Places(
    Line(0.5, 0.22, 0.22, 0.84),
    (0.28, 0.65, 0.17),
    Line(0.72, 0.53, 0.13, 0.42),
    Line(0.72, 0.67, 0.08, 0.42),
    Line(0.72, 0.8, 0.075, 0.3),
)
WIDE = Places(
    Line(0.68, 0.29, 0.3, 0.52),
    (0.2, 0.5, 0.25),
    Line(0.68, 0.58, 0.17, 0.52),
    Line(0.68, 0.74, 0.1, 0.52),
    Line(0.68, 0.86, 0.085, 0.3),
)


def front(product: Product, width: int, height: int) -> Image.Image:
    """The printed front of a product, RGB, `width` x `height` px."""
    palette = product.palette
    sheet = Sheet(width, height, palette.base)
    places = _places(product.layout, height / width)
    grounds = _GROUNDS[product.layout](sheet, palette, places)
    x, y, radius = places.motif
    sheet.motif(product.kind.motif, x, y, radius)
    brand = readable(grounds.brand, palette.paper, palette.ink)
    outline = readable(brand, palette.base, palette.accent, palette.ink)
    sheet.write(product.brand, *places.brand, brand, lettering=product.lettering, outline=outline)
    words = readable(grounds.words, palette.paper, palette.ink)
    texts = (product.kind.title, product.claim, product.kind.amount)
    for text, place in zip(texts, places[2:], strict=True):
        sheet.write(text, *place, words)
    return sheet.image()


def readable(ground: Colour, *choices: Colour) -> Colour:
    """The colour among `choices` that stands out most against the ground."""
    return max(choices, key=lambda colour: abs(_brightness(colour) - _brightness(ground)))


def _brightness(colour: Colour) -> float:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def _places(layout: Layout, slimness: float) -> Places:
    if slimness < 0.75:
        x, y, radius = WIDE.motif
        return WIDE._replace(motif=(x, y, min(radius, 0.14 / slimness)))
    if slimness < 1.15:
        return SQUARE
    places, room = (PICTURE_FIRST, 0.145) if layout in {"badge", "plate"} else (BRAND_FIRST, 0.165)
    x, y, radius = places.motif
    return places._replace(motif=(x, y, min(radius, room * slimness)))


def _band(sheet: Sheet, palette: Palette, places: Places) -> Grounds:
    y, half = places.brand.y, 0.72 * places.brand.height * sheet.unit / sheet.height
    sheet.area(0, y - half - 0.02, 1, y + half + 0.02, palette.paper)
    sheet.area(0, y - half, 1, y + half, palette.accent)
    if places.motif_beside_words:
        x, y, radius = places.motif
        sheet.disc(x, y, 1.3 * radius, palette.paper)
    return Grounds(palette.accent, palette.base)


def _badge(sheet: Sheet, palette: Palette, places: Places) -> Grounds:
    x, y, radius = places.motif
    for colour, size in ((palette.accent, 1.6), (palette.paper, 1.46), (palette.accent, 1.4), (palette.paper, 1.34)):
        sheet.disc(x, y, size * radius, colour)
    sheet.area(0, 0.96, 1, 1, palette.accent)
    return Grounds(palette.base, palette.base)


def _wave(sheet: Sheet, palette: Palette, places: Places) -> Grounds:
    level = (places.brand.y + places.title.y) / 2 - (0 if places.motif_beside_words else 0.1)
    for down, colour in ((0, palette.accent), (0.035, palette.paper)):
        crest = [(float(x), level + down - 0.05 * np.sin(2 * np.pi * x + 0.6)) for x in np.linspace(0, 1, 60)]
        sheet.shape([*crest, (1, 1), (0, 1)], colour)
    return Grounds(palette.base, palette.paper)


def _stripes(sheet: Sheet, palette: Palette, _: Places) -> Grounds:
    count = round(7 * sheet.width / sheet.unit)
    for stripe in range(count):
        sheet.area(stripe / count, 0, (stripe + 0.5) / count, 1, palette.accent)
    edge = 0.05 * sheet.unit
    for inset, colour in ((edge, palette.base), (1.5 * edge, palette.paper)):
        across, down = inset / sheet.width, inset / sheet.height
        sheet.area(across, down, 1 - across, 1 - down, colour, 0.07)
    return Grounds(palette.paper, palette.paper)


def _plate(sheet: Sheet, palette: Palette, places: Places) -> Grounds:
    step = 0.125 * sheet.unit
    rows, columns = round(sheet.height / step), round(sheet.width / step)
    for row in range(rows):
        for column in range(columns):
            sheet.disc((column + 0.25 + 0.5 * (row % 2)) / columns, (row + 0.5) / rows, 0.022, palette.paper)
    x, y, radius = places.motif
    sheet.disc(x, y, 1.35 * radius, palette.paper)
    reach = 0.56 * places.brand.fit
    top = places.brand.y - 0.7 * places.brand.height * sheet.unit / sheet.height
    for inset, colour in ((0, palette.paper), (0.012, palette.accent)):
        left, right = places.brand.x - reach + inset, places.brand.x + reach - inset
        sheet.area(left, top + inset, right, min(places.amount.y + 0.06, 0.97) - inset, colour, 0.05)
    if places is SQUARE:
        sheet.disc(x, y, 1.3 * radius, palette.paper)
    return Grounds(palette.accent, palette.accent)


def _diagonal(sheet: Sheet, palette: Palette, places: Places) -> Grounds:
    left, right = (0.54, 0.34) if places.motif_beside_words else (0.46, 0.26)
    sheet.shape([(0, left), (1, right), (1, 1), (0, 1)], palette.accent)
    sheet.shape([(0, left + 0.05), (1, right + 0.05), (1, 1), (0, 1)], palette.paper)
    sheet.area(0, 0.97, 1, 1, palette.base)
    return Grounds(palette.base, palette.paper)


_GROUNDS: dict[Layout, Callable[[Sheet, Palette, Places], Grounds]] = {
    "badge": _badge,
    "band": _band,
    "diagonal": _diagonal,
    "plate": _plate,
    "stripes": _stripes,
    "wave": _wave,
}
