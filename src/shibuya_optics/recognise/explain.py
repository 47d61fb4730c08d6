"""What an answer rests on, drawn: the print that was read, the barcodes, where the network looked, what it was reminded of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shibuya_optics.contract import Pixels
from shibuya_optics.recognise.overlay import warmed
from shibuya_optics.recognise.reasons import Reasons
from shibuya_optics.records import Answer, Box

SHORT_SIDE = 720
"""Small photos are enlarged to this, so that the writing is legible."""
DECIDED, READ, CODE = (0, 150, 80), (110, 110, 110), (30, 90, 220)
LETTERS = 18
LINE = LETTERS + 8
GAP = 8
THUMBNAIL = 200
MOST_LETTERS = 40


class Thumbnail(NamedTuple):
    """A photo `uint8 (height, width, 3)`, RGB, and a line that says what it is."""

    photo: Pixels
    text: str


def drawn(photo: Pixels, answer: Answer, why: Reasons | None = None, alike: Sequence[Thumbnail] = ()) -> Pixels:
    """A photo `uint8 (height, width, 3)`, RGB, with a box and its text for each line of print and each barcode.

    Lines that speak for the answer are green, the others grey, barcodes blue. Beside it stands the photo with
    the heat, where there is one; below, the answer and the senses used, the reasons, and photos that look like it.
    """
    image = Image.fromarray(photo)
    factor = max(1.0, SHORT_SIDE / min(image.size))
    image = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC)
    panels = [_with_boxes(image, answer)]
    if why is not None and why.heat is not None:
        panels.append(Image.fromarray(warmed(np.asarray(image), why.heat, why.contract)))
    row = _side_by_side(panels)
    lines = [line for text in _caption(answer, why) for line in _wrapped(text, row.width - LETTERS)]
    parts = [row, _writing(lines, row.width), *_strip(alike, row.width)]
    whole = Image.new("RGB", (row.width, sum(part.height for part in parts)), "white")
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return np.asarray(whole)


def said_of(why: Reasons) -> Iterator[str]:
    """The reasons as lines for people: what it looks like, and what the heat shows."""
    if why.nearest:
        alike = ", ".join(f"{one.number} ({one.cosine:.2f})" for one in why.nearest)
        yield f"looks like {why.label} ({why.cosine:.2f}), nearest its remembered photos {alike}"
    if why.other:
        other = why.other
        yield f"the strongest other is {other.label}, nearest its remembered photo {other.number} ({other.cosine:.2f})"
    if why.heat is None:
        yield why.without_heat
    else:
        yield f"yellow: what looks like {why.label}; dimmed: not seen by the network"


def _caption(answer: Answer, why: Reasons | None) -> list[str]:
    said = answer.label or ("not sure" if answer.known else "not known")
    share = f" {answer.confidence:.0%}" if answer.label else ""
    return [f"{said}{share}, by {', '.join(answer.senses)}", *(said_of(why) if why is not None else ())]


def _with_boxes(image: Image.Image, answer: Answer) -> Image.Image:
    marked = image.copy()
    pen = ImageDraw.Draw(marked)
    for word in reversed(answer.words):
        _mark(pen, word.box, f"{word.text} {word.confidence:.0%}", DECIDED if word.speaks else READ, image.size)
    for code in answer.barcodes:
        _mark(pen, code.box, str(code), CODE, image.size)
    return marked


def _mark(pen: ImageDraw.ImageDraw, box: Box, text: str, colour: tuple[int, int, int], size: Sequence[int]) -> None:
    width, height = size
    corners = [(x * width, y * height) for x, y in box]
    pen.line([*corners, corners[0]], fill=colour, width=3)
    shown = _shortened(text, MOST_LETTERS)
    left, top = min(x for x, _ in corners), max(min(y for _, y in corners) - LETTERS - 4, 0)
    _, _, right, bottom = pen.textbbox((left, top), shown, font=_font())
    shift = min(0.0, width - right - 2)
    pen.rectangle((left + shift, top, right + shift + 2, bottom + 2), fill="white")
    pen.text((left + shift, top), shown, fill=colour, font=_font())


def _side_by_side(panels: Sequence[Image.Image]) -> Image.Image:
    width = sum(panel.width for panel in panels) + GAP * (len(panels) - 1)
    row = Image.new("RGB", (width, max(panel.height for panel in panels)), "white")
    left = 0
    for panel in panels:
        row.paste(panel, (left, 0))
        left += panel.width + GAP
    return row


def _writing(lines: Sequence[str], width: int) -> Image.Image:
    paper = Image.new("RGB", (width, LINE * len(lines) + LETTERS), "white")
    pen = ImageDraw.Draw(paper)
    for number, line in enumerate(lines):
        pen.text((LETTERS / 2, LETTERS / 2 + number * LINE), line, fill="black", font=_font())
    return paper


def _strip(alike: Sequence[Thumbnail], width: int) -> list[Image.Image]:
    """The thumbnails in a row, as many as fit, each with its line below; nothing where there are none."""
    shown = []
    for photo, text in alike[: max(1, (width + GAP) // (THUMBNAIL + GAP))]:
        card = Image.new("RGB", (THUMBNAIL, THUMBNAIL + LINE), "white")
        small = Image.fromarray(photo)
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        card.paste(small, ((THUMBNAIL - small.width) // 2, (THUMBNAIL - small.height) // 2))
        pen = ImageDraw.Draw(card)
        pen.text((THUMBNAIL / 2, THUMBNAIL + 2), text, fill="black", font=_font(), anchor="ma")
        shown.append(card)
    return [_side_by_side(shown)] if shown else []


def _wrapped(text: str, width: int) -> list[str]:
    """The words of a text in lines of at most so many px; a word longer than that stands alone."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font().getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(LETTERS)
