"""A sheet of paper to print on: flat shapes, text that fits, pictures. Places are fractions of the sheet, 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from shibuya_optics.demo.brands import Lettering
from shibuya_optics.demo.kinds import Colour
from shibuya_optics.demo.motifs import draw_motif

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
FINER = 2


class Sheet:
    """A canvas of `width` x `height` px, drawn twice as fine and reduced, so that edges come out smooth."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width, self.height = FINER * width, FINER * height
        self.unit = min(self.width, self.height)
        self.canvas = Image.new("RGB", (self.width, self.height), ground)
        self.pen = ImageDraw.Draw(self.canvas)

    def image(self) -> Image.Image:
        """What was drawn, RGB, at the size that was asked for."""
        return self.canvas.reduce(FINER)

    def area(self, left: float, top: float, right: float, bottom: float, colour: Colour, rounding: float = 0) -> None:
        """Fill a rectangle; `rounding` is the corner radius as a fraction of the shorter side of the sheet."""
        box = (left * self.width, top * self.height, right * self.width, bottom * self.height)
        self.pen.rounded_rectangle(box, rounding * self.unit, fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle; `radius` is a fraction of the shorter side of the sheet."""
        self.pen.circle((x * self.width, y * self.height), radius * self.unit, fill=colour)

    def shape(self, points: Iterable[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        self.pen.polygon([(x * self.width, y * self.height) for x, y in points], fill=colour)

    def motif(self, name: str, x: float, y: float, radius: float) -> None:
        """Draw a picture that reaches `radius`, a fraction of the shorter side of the sheet, to each side."""
        draw_motif(self.canvas, name, x * self.width, y * self.height, radius * self.unit)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        height: float,
        fit: float,
        colour: Colour,
        *,
        lettering: Lettering = "bold",
        outline: Colour | None = None,
    ) -> None:
        """Write one line, centred at (x, y): `height` of the sheet's shorter side high, at most `fit` of its width."""
        size = height * self.unit
        spaced = " ".join(text.upper()) if lettering == "spaced" else text
        widest = _font(100).getlength(spaced) * size / 100
        size *= min(1, fit * self.width / widest)
        mask = _lettered(spaced, max(6, round(size)), slanted=lettering == "slanted")
        corner = (round(x * self.width - mask.width / 2), round(y * self.height - mask.height / 2))
        if lettering == "outlined" and outline is not None:
            edge = _lettered(spaced, max(6, round(size)), stroke=0.1)
            offset = (mask.width - edge.width) // 2, (mask.height - edge.height) // 2
            self.canvas.paste(outline, (corner[0] + offset[0], corner[1] + offset[1]), edge)
        self.canvas.paste(colour, corner, mask)

    def lines(self, text: Iterable[str], left: float, top: float, height: float, colour: Colour) -> None:
        """Write small print: lines from (left, top) down, each `height` of the sheet's shorter side high."""
        size = max(6, round(height * self.unit))
        for row, line in enumerate(text):
            place = (left * self.width, top * self.height + 1.25 * size * row)
            self.pen.text(place, line, fill=colour, font=_font(size))


def _lettered(text: str, size: int, *, slanted: bool = False, stroke: float = 0.035) -> Image.Image:
    """A mask of one line of text; `stroke` thickens the letters by that part of their size."""
    font, width = _font(size), max(1, round(stroke * size))
    left, top, right, bottom = font.getbbox(text, stroke_width=width)
    lean = 0.22 if slanted else 0.0
    across, down = round(right - left + lean * (bottom - top)) + 2, round(bottom - top) + 2
    mask = Image.new("L", (across, down), 0)
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, fill=255, font=font, stroke_width=width)
    if not slanted:
        return mask
    return mask.transform(mask.size, Image.Transform.AFFINE, (1, lean, -lean * down, 0, 1, 0), Image.Resampling.BICUBIC)


@lru_cache(maxsize=256)
def _font(size: int) -> Font:
    return ImageFont.load_default(size=size)
