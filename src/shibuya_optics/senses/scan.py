"""Scanning: the barcodes in a photo, by ZXing-C++."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.contract import Pixels, check_photo
from shibuya_optics.records import Barcode
from shibuya_optics.senses.boxes import box_of

Floats = NDArray[np.float64]
DIAGONAL = 45
SCAN_SIDE = 1080
"""A photo whose short side has this many px is scanned as well as a larger one, unless the code is tiny."""
LEAST_PIXELS, MOST_PIXELS = 640 * 640, 2000 * 1500
LONGEST_TEXT = 300
GTIN_DIGITS = 14
_GTIN_LENGTHS = {8, 12, 13, 14}
# GS1's application identifier 01, in a digital link (https://id.gs1.org/01/...) or as an element string.
_GS1 = re.compile(r"(?:^\(01\)|^\x1d?01|/01/)(\d{14})(?!\d)")


def scan(photo: Pixels) -> tuple[Barcode, ...]:
    """The barcodes in a photo `uint8 (height, width, 3)`, RGB upright: EAN, UPC, ITF-14, GS1 DataBar, QR, Data Matrix.

    At any angle: bars are looked for along both sides, and where none is found so, along the diagonals. Each text once.

    Raises:
        ContractError: the array is no photo.
    """
    check_photo(photo)
    grey = _grey(photo)
    found = _codes(grey) or _codes(grey, DIAGONAL)
    return tuple(Barcode(text, name, _gtin_of(text), box_of(corners)) for text, (name, corners) in found.items())


def _codes(grey: Image.Image, degrees: float = 0) -> dict[str, tuple[str, Floats]]:
    """What each code says, its format, and its corners as shares `(4, 2)`, looked for in the photo turned by so much."""
    import zxingcpp

    kinds = zxingcpp.BarcodeFormat
    formats = zxingcpp.BarcodeFormats([kinds.AllRetail, kinds.ITF14, kinds.QRCode, kinds.DataMatrix])
    turned = grey.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=255) if degrees else grey
    found: dict[str, tuple[str, Floats]] = {}
    for code in zxingcpp.read_barcodes(np.asarray(turned), formats=formats):
        text = "".join(letter for letter in code.text if letter.isprintable())[:LONGEST_TEXT]
        if text:
            found.setdefault(text, (str(code.format), _turned_back(code.position, turned.size, grey.size, degrees)))
    return found


def parse_gtin(text: str) -> str | None:
    """The number of an EAN-8, UPC-A, EAN-13 or GTIN-14 as 14 digits; None where length or check digit are wrong."""
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) not in _GTIN_LENGTHS or not digits.isascii() or not digits.isdecimal():
        return None
    whole = digits.zfill(GTIN_DIGITS)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(whole))
    return whole if total % 10 == 0 and int(whole) else None


def _gtin_of(text: str) -> str | None:
    """The GTIN that a code carries, bare or as GS1 writes it among other data."""
    inside = _GS1.search(text)
    return parse_gtin(inside[1] if inside else text)


def _grey(photo: Pixels) -> Image.Image:
    """Brightness of a photo, enlarged where it is small, reduced where it is very large."""
    grey = Image.fromarray(photo).convert("L")
    pixels = grey.width * grey.height
    factor = (min(max(pixels, LEAST_PIXELS), MOST_PIXELS) / pixels) ** 0.5
    if factor != 1:
        size = max(round(grey.width * factor), 1), max(round(grey.height * factor), 1)
        grey = grey.resize(size, Image.Resampling.BICUBIC)
    return grey


def _turned_back(position: Any, seen: tuple[int, int], size: tuple[int, int], degrees: float) -> Floats:
    """Corners of a code in a photo that was turned about its middle, as shares of the photo, `(4, 2)`."""
    places = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    away = np.array([(place.x, place.y) for place in places]) - np.array(seen) / 2
    angle = np.deg2rad(degrees)
    back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners: Floats = (away @ back.T) / np.array(size) + 0.5
    return corners
