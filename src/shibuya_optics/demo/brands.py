"""The pantry of the demo: products of invented brands, each described well enough to be printed and photographed.

Products come in families of one kind. In every eight products the first two families have two look-alikes each: same
kind, same pack, nearly the same colours, another brand; the other four families have one product.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from shibuya_optics.demo.kinds import KINDS, Colour, Kind
from shibuya_optics.errors import InputError
from shibuya_optics.labels import parse_label

Item = TypeVar("Item")
Layout = Literal["band", "badge", "wave", "stripes", "plate", "diagonal"]
Lettering = Literal["bold", "slanted", "spaced", "outlined"]
LAYOUTS: tuple[Layout, ...] = ("band", "badge", "wave", "stripes", "plate", "diagonal")
LETTERINGS: tuple[Lettering, ...] = ("bold", "slanted", "spaced", "outlined")
FAMILY_SIZES = (2, 2, 1, 1, 1, 1)

_BEGINNINGS = (
    "Brun", "Dolm", "Fenn", "Glim", "Harv", "Jorv", "Kest", "Lumm", "Morv", "Norr", "Orsk", "Pelv", "Quill", "Rusk",
    "Sorn", "Tarn", "Umbr", "Velm", "Wend", "Yarr", "Zeld", "Bask", "Corv", "Drev",
)  # fmt: skip
_ENDINGS = ("adel", "ibor", "okka", "une", "ister", "awen", "emoor", "olin", "asko", "ethy", "ingle", "uvia")


@dataclass(frozen=True)
class Palette:
    """The colours of a pack, each (red, green, blue) in 0-255: ground, second colour, light tone, dark tone."""

    base: Colour
    accent: Colour
    paper: Colour
    ink: Colour

    def turned(self, degrees: float) -> Palette:
        """The same palette with base and accent a little further round the colour circle."""
        return Palette(_turned(self.base, degrees), _turned(self.accent, degrees), self.paper, self.ink)


PALETTES = (
    Palette((24, 52, 104), (226, 178, 74), (250, 243, 226), (18, 28, 56)),
    Palette((178, 34, 40), (244, 210, 120), (252, 244, 232), (66, 12, 16)),
    Palette((28, 88, 58), (196, 214, 120), (246, 246, 226), (14, 44, 30)),
    Palette((20, 138, 146), (248, 132, 94), (244, 250, 246), (8, 54, 62)),
    Palette((226, 166, 36), (110, 58, 24), (255, 246, 216), (66, 36, 14)),
    Palette((236, 160, 172), (134, 24, 60), (255, 244, 244), (82, 14, 38)),
    Palette((236, 240, 242), (32, 98, 186), (255, 255, 255), (20, 40, 92)),
    Palette((34, 32, 34), (202, 132, 74), (240, 230, 218), (20, 18, 20)),
    Palette((238, 112, 30), (18, 98, 106), (255, 242, 224), (64, 28, 8)),
    Palette((122, 92, 172), (240, 206, 90), (246, 240, 252), (48, 30, 84)),
    Palette((150, 190, 50), (34, 76, 36), (248, 252, 228), (28, 54, 20)),
    Palette((120, 188, 226), (250, 214, 60), (248, 252, 254), (16, 60, 104)),
    Palette((188, 148, 104), (52, 96, 60), (244, 232, 212), (62, 42, 24)),
    Palette((104, 22, 44), (214, 170, 98), (250, 238, 226), (48, 8, 20)),
    Palette((158, 216, 192), (28, 50, 98), (244, 252, 248), (18, 44, 66)),
    Palette((246, 232, 204), (204, 46, 42), (255, 252, 244), (80, 30, 20)),
)


@dataclass(frozen=True)
class Product:
    """One product of an invented brand: what is printed on it, and the pack that it is printed on.

    Attributes:
        label: its place in the label tree, e.g. `Dairy/Butter/Norradel`.
        kind: pack shape, size, motif and texts that the products of one kind share.
        palette: the colours of the print.
        layout: how the front is laid out.
        lettering: how the brand is written.
        claim: the line below the title.
    """

    label: str
    kind: Kind
    palette: Palette
    layout: Layout
    lettering: Lettering
    claim: str

    @property
    def brand(self) -> str:
        """The last name of the label."""
        return self.label.rpartition("/")[2]


def pantry(count: int = 24, seed: int = 0) -> tuple[Product, ...]:
    """`count` distinct products; the same count and seed give the same ones, a larger count only adds to them.

    Raises:
        InputError: `count` is below 1 or above the number of brands there are names for.
    """
    most = len(_BEGINNINGS) * len(_ENDINGS)
    if not 1 <= count <= most:
        raise InputError(f"a pantry of {count} products: give 1 to {most}.")
    random = np.random.default_rng(seed)
    brands = _shuffled(_brand_names(), random)
    products: list[Product] = []
    family = 0
    kinds: tuple[Kind, ...] = ()
    palettes: tuple[Palette, ...] = ()
    while len(products) < count:
        kinds = kinds or _shuffled(KINDS, random)
        palettes = palettes or _shuffled(PALETTES, random)
        size = FAMILY_SIZES[family % len(FAMILY_SIZES)]
        products += _family(kinds[0], palettes[0], brands[len(products) :][:size], random)
        kinds, palettes, family = kinds[1:], palettes[1:], family + 1
    return tuple(products[:count])


def _family(kind: Kind, palette: Palette, brands: tuple[str, ...], random: np.random.Generator) -> list[Product]:
    """Products of one kind that look alike: only brand, layout, lettering and a shade of the colours differ."""
    layouts = _shuffled(LAYOUTS, random)
    letterings = _shuffled(LETTERINGS, random)
    claims = _shuffled(kind.claims, random)
    turn = float(random.uniform(-7, 7))
    return [
        Product(
            label=parse_label(f"{kind.path}/{brand}"),
            kind=kind,
            palette=palette.turned(turn + 9 * position),
            layout=layouts[position],
            lettering=letterings[position],
            claim=claims[position % len(claims)],
        )
        for position, brand in enumerate(brands)
    ]


def _brand_names() -> tuple[str, ...]:
    return tuple(beginning + ending for beginning in _BEGINNINGS for ending in _ENDINGS)


def _shuffled(items: tuple[Item, ...], random: np.random.Generator) -> tuple[Item, ...]:
    return tuple(items[i] for i in random.permutation(len(items)))


def _turned(colour: Colour, degrees: float) -> Colour:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(value / 255 for value in colour))
    red, green, blue = colorsys.hls_to_rgb((hue + degrees / 360) % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
