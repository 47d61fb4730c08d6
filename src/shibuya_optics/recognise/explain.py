"""What an answer rests on, drawn on the photo: the print that was read, the loudest lines strongest, and the barcodes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shibuya_optics.contract import Pixels
from shibuya_optics.records import Answer, Box

SHORT_SIDE = 720
"""Small photos are enlarged to this, so that the writing is legible."""
DECIDED, READ, CODE = (0, 150, 80), (110, 110, 110), (30, 90, 220)
LETTERS = 18
MOST_LETTERS = 40


def drawn(photo: Pixels, answer: Answer) -> Pixels:
    """A photo `uint8 (height, width, 3)`, RGB, with a box and its text for each line of print and each barcode.

    Lines that speak for the answer are green, the others grey, barcodes blue. Below stands the answer and the senses used.
    """
    image = Image.fromarray(photo)
    factor = max(1.0, SHORT_SIDE / min(image.size))
    image = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC)
    caption = _caption(answer)
    whole = Image.new("RGB", (image.width, image.height + 2 * LETTERS), "white")
    whole.paste(image)
    pen = ImageDraw.Draw(whole)
    for word in reversed(answer.words):
        _mark(pen, word.box, f"{word.text} {word.confidence:.0%}", DECIDED if word.speaks else READ, image.size)
    for code in answer.barcodes:
        _mark(pen, code.box, str(code), CODE, image.size)
    pen.text((LETTERS / 2, image.height + LETTERS / 2), caption, fill="black", font=_font())
    return np.asarray(whole)


def _caption(answer: Answer) -> str:
    said = answer.label or ("not sure" if answer.known else "not known")
    share = f" {answer.confidence:.0%}" if answer.label else ""
    return f"{said}{share}, by {', '.join(answer.senses)}"


def _mark(pen: ImageDraw.ImageDraw, box: Box, text: str, colour: tuple[int, int, int], size: Sequence[int]) -> None:
    width, height = size
    corners = [(x * width, y * height) for x, y in box]
    pen.line([*corners, corners[0]], fill=colour, width=3)
    shown = text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
    left, top = min(x for x, _ in corners), max(min(y for _, y in corners) - LETTERS - 4, 0)
    _, _, right, bottom = pen.textbbox((left, top), shown, font=_font())
    shift = min(0.0, width - right - 2)
    pen.rectangle((left + shift, top, right + shift + 2, bottom + 2), fill="white")
    pen.text((left + shift, top), shown, fill=colour, font=_font())


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(LETTERS)
