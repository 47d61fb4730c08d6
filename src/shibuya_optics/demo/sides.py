"""The rest of the print: the side with nutrition lines and barcode, the lids, the wrap of a round label."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from shibuya_optics.demo.brands import Product
from shibuya_optics.demo.fronts import front, readable
from shibuya_optics.demo.kinds import Colour
from shibuya_optics.demo.sheet import Sheet

NUTRIENTS = ("Energy", "Fat", "Saturates", "Carbohydrate", "Sugars", "Protein", "Salt")
STORY = (
    "Best before: see the top of the pack.",
    "Keep in a cool and dry place and use",
    "up within five days of opening.",
    "Packed for an invented brand.",
)
METAL: Colour = (196, 198, 202)


@lru_cache(maxsize=128)
def side(product: Product, width: int, height: int) -> Image.Image:
    """The side of a pack, RGB, `width` x `height` px: the amount, nutrition lines, small print, a barcode."""
    palette = product.palette
    sheet = Sheet(width, height, palette.base)
    ink = readable(palette.base, palette.paper, palette.ink)
    sheet.write(product.brand, 0.5, 0.06, 0.13, 0.8, ink, lettering=product.lettering, outline=palette.accent)
    sheet.area(0.08, 0.13, 0.92, 0.97, palette.paper)
    _nutrition(sheet, product)
    sheet.lines(STORY, 0.13, 0.6, 0.042, palette.ink)
    image = sheet.image()
    code = barcode(product, round(0.62 * width), round(0.16 * height))
    image.paste(code, (round(0.19 * width), round(0.78 * height)))
    return image


def _nutrition(sheet: Sheet, product: Product) -> None:
    random = _random(product)
    ink = product.palette.ink
    sheet.lines(["Nutrition per 100 g"], 0.13, 0.155, 0.065, ink)
    for row, nutrient in enumerate(NUTRIENTS):
        y = 0.22 + 0.05 * row
        sheet.area(0.12, y - 0.008, 0.88, y - 0.005, ink)
        sheet.lines([nutrient], 0.13, y, 0.052, ink)
        sheet.lines([f"{random.uniform(0, 40):.1f} g"], 0.7, y, 0.052, ink)


def barcode(product: Product, width: int, height: int) -> Image.Image:
    """A patch with bars as wide as those of an EAN-13, and a number that belongs to no one; RGB."""
    image = Image.new("RGB", (max(width, 1), max(height, 1)), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    module = width / 109
    dark = _random(product).random(95) < 0.5
    for place in np.flatnonzero(dark):
        pen.rectangle((module * (7 + place), 0.08 * height, module * (8 + place), 0.86 * height), fill=(12, 12, 12))
    return image


def _random(product: Product) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(product.label.encode()))


@lru_cache(maxsize=128)
def face(product: Product, width: int, height: int) -> Image.Image:
    """The front of a pack, kept for the next photo of it."""
    return front(product, width, height)


@lru_cache(maxsize=128)
def flap(product: Product, width: int, height: int) -> Image.Image:
    """The top of a box, RGB: the brand across it and the joint of the flaps."""
    palette = product.palette
    sheet = Sheet(width, height, palette.base)
    ink = readable(palette.base, palette.paper, palette.ink)
    sheet.write(product.brand, 0.5, 0.5, 0.3, 0.7, ink, lettering=product.lettering, outline=palette.accent)
    sheet.area(0, 0.9, 1, 1, palette.accent)
    sheet.area(0, 0.885, 1, 0.895, scaled(palette.base, 0.7))
    return sheet.image()


@lru_cache(maxsize=128)
def wrap(product: Product, width: int, height: int, front_width: int) -> Image.Image:
    """A label that goes once round a pack, RGB: the front in its middle, sides to its left and right."""
    label = Image.new("RGB", (width, height), product.palette.base)
    rest = (width - front_width) // 2
    beside = side(product, min(rest, round(0.9 * height)), height)
    label.paste(beside, (rest - beside.width, 0))
    label.paste(beside, (rest + front_width, 0))
    label.paste(face(product, front_width, height), (rest, 0))
    return label


@lru_cache(maxsize=128)
def lid(product: Product, size: int) -> Image.Image:
    """A round lid seen from above, RGBA `size` x `size` px: transparent outside the circle."""
    metal = product.kind.shape == "tin"
    palette = product.palette
    ground = METAL if metal else readable(palette.paper, palette.accent, palette.base)
    sheet = Sheet(size, size, ground)
    for radius, shade in ((0.5, 0.94), (0.46, 0.7), (0.44, 1.04), (0.36, 0.86), (0.35, 1.0)):
        sheet.disc(0.5, 0.5, radius, scaled(ground, shade))
    if not metal:
        ink = readable(ground, palette.paper, palette.ink)
        sheet.write(product.brand, 0.5, 0.5, 0.15, 0.6, ink, lettering=product.lettering, outline=palette.base)
    mask = Image.new("L", (2 * size, 2 * size), 0)
    ImageDraw.Draw(mask).circle((size, size), size - 1, fill=255)
    image = sheet.image()
    image.putalpha(mask.reduce(2))
    return image


def scaled(colour: Colour, factor: float) -> Colour:
    """The colour, brighter (factor above 1) or darker."""
    red, green, blue = (min(255, round(value * factor)) for value in colour)
    return red, green, blue
