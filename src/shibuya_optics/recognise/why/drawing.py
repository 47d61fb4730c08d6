"""What an answer rests on, drawn: print, the loudest lines strongest, barcodes, where the network looked, what it resembles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shibuya_optics.contract import Pixels
from shibuya_optics.recognise.why.overlay import warmed
from shibuya_optics.recognise.why.reasons import Reasons
from shibuya_optics.records import Answer, Box

SHORT_SIDE, LONG_SIDE = 720, 1600
"""Small photos are enlarged to the one, so that the writing is legible, and none is drawn larger than the other, px."""
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

    Lines that speak for the answer are green, the others grey, barcodes blue. Beside it, or below it where it is wide,
    stands the photo with the heat, where there is one; under both the answer and the senses used, the reasons, and
    photos that look like it.
    """
    image = Image.fromarray(photo)
    factor = min(max(1.0, SHORT_SIDE / min(image.size)), LONG_SIDE / max(image.size))
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    image = image.resize(size, Image.Resampling.BICUBIC)
    panels = [_with_boxes(image, answer)]
    if why is not None and why.heat is not None:
        panels.append(Image.fromarray(warmed(np.asarray(image), why.heat, why.contract)))
    top = _joined(panels, across=image.width <= image.height)
    lines = [line for text in _caption(answer, why) for line in _wrapped(_in_letters(text), top.width - LETTERS)]
    return np.asarray(_joined([top, _writing(lines, top.width), *_strip(alike, top.width)], across=False))


def said_of(why: Reasons) -> Iterator[str]:
    """The reasons as lines for people: what it looks like, and what the heat shows."""
    if why.nearest:
        alike = ", ".join(f"{one.number} ({one.cosine:.2f})" for one in why.nearest)
        photos = "photo" if len(why.nearest) == 1 else "photos"
        yield f"looks most like {why.label} ({why.cosine:.2f}), nearest to its remembered {photos} {alike}"
    if why.other:
        other = why.other
        yield f"the strongest other is {other.label}, nearest to its remembered photo {other.number} ({other.cosine:.2f})"
    if why.heat is None:
        yield why.without_heat
    else:
        yield f"yellow: what looks like {why.label}; dimmed: not seen by the network"


def _caption(answer: Answer, why: Reasons | None) -> list[str]:
    said = answer.label or ("not sure" if answer.known else "not known")
    share = f" {answer.confidence:.0%}" if answer.label else ""
    return [f"{said}{share}, by {', '.join(answer.senses)}", *(said_of(why) if why is not None else ())]


def _with_boxes(image: Image.Image, answer: Answer) -> Image.Image:
    marks = [
        *((w.box, f"{w.text} {w.confidence:.0%}", DECIDED if w.speaks else READ) for w in reversed(answer.words)),
        *((code.box, str(code), CODE) for code in answer.barcodes),
    ]
    marked = image.copy()
    pen = ImageDraw.Draw(marked)
    for box, _, colour in marks:
        corners = _corners(box, image.size)
        pen.line([*corners, corners[0]], fill=colour, width=3)
    for box, text, colour in marks:  # after the boxes, so that none crosses a text
        _name(pen, _corners(box, image.size), text, colour, image.width)
    return marked


def _corners(box: Box, size: Sequence[int]) -> list[tuple[float, float]]:
    width, height = size
    return [(x * width, y * height) for x, y in box]


def _name(
    pen: ImageDraw.ImageDraw,
    corners: Sequence[tuple[float, float]],
    text: str,
    colour: tuple[int, int, int],
    width: int,
) -> None:
    """Write above a box, on white, what it holds."""
    shown = _in_letters(text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…")
    left, top = min(x for x, _ in corners), max(min(y for _, y in corners) - LETTERS - 4, 0)
    _, _, right, bottom = pen.textbbox((left, top), shown, font=_font())
    shift = min(0.0, width - right - 2)
    pen.rectangle((left + shift, top, right + shift + 2, bottom + 2), fill="white")
    pen.text((left + shift, top), shown, fill=colour, font=_font())


def _joined(parts: Sequence[Image.Image], *, across: bool) -> Image.Image:
    """Pictures in a row, or in a column, with a gap between them, on white."""
    sizes = np.array([part.size for part in parts])
    along, other = (0, 1) if across else (1, 0)
    starts = np.cumsum(sizes[:, along] + GAP) - sizes[:, along] - GAP
    whole = [0, 0]
    whole[along], whole[other] = int(starts[-1] + sizes[-1, along]), int(sizes[:, other].max())
    joined = Image.new("RGB", (whole[0], whole[1]), "white")
    for part, start in zip(parts, starts.tolist(), strict=True):
        joined.paste(part, (start, 0) if across else (0, start))
    return joined


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
    return [_joined(shown, across=True)] if shown else []


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


def _in_letters(text: str) -> str:
    """The text, with the plain letter in the place of one whose accent the font does not have."""
    return "".join(letter if _has(letter) else unicodedata.normalize("NFKD", letter)[0] for letter in text)


@cache
def _has(letter: str) -> bool:
    missing, found = _font().getmask("\uffff"), _font().getmask(letter)
    return (missing.size, bytes(missing)) != (found.size, bytes(found))


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(LETTERS)
