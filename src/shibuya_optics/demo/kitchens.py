"""What packs stand on and in front of: tables and walls as pictures, drawn from noise, lines and tiles."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from shibuya_optics.demo.camera import Floats
from shibuya_optics.demo.kinds import Colour

SIZE = (1200, 900)
VARIANTS = 3
Random = np.random.Generator


def surface(name: str, variant: int) -> Image.Image:
    """A picture of a table or wall, RGBA `SIZE` px; it is kept, for the next photo may show the same one."""
    return _drawn(name, variant % VARIANTS)


@lru_cache(maxsize=64)
def _drawn(name: str, variant: int) -> Image.Image:
    random = np.random.default_rng([variant, *name.encode()])
    return (TABLES | WALLS)[name](random).convert("RGBA")


def _noise(random: Random, across: int, down: int, octaves: int = 3) -> Floats:
    """Smooth noise about 0, float32 (height, width): `across` x `down` swells, each octave twice as fine and half as high."""
    total = np.zeros(SIZE[::-1], np.float32)
    for octave in range(octaves):
        grid = random.normal(0, 0.5**octave, (down * 2**octave + 1, across * 2**octave + 1)).astype(np.float32)
        total += np.asarray(Image.fromarray(grid).resize(SIZE, Image.Resampling.BICUBIC))
    return total


def _toned(colour: Colour, brightness: Floats) -> Image.Image:
    """A picture of one colour, brighter or darker by the given values, about -0.3 to 0.3."""
    pixels = np.asarray(colour, np.float32) * (1 + brightness[..., None])
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _pick(random: Random, *colours: Colour) -> Colour:
    return colours[int(random.integers(len(colours)))]


def _wood(random: Random) -> Image.Image:
    """Boards that run across, each with its own tone and a grain drawn out lengthwise."""
    tone = _pick(random, (196, 150, 98), (128, 84, 52), (214, 184, 142), (164, 112, 70))
    boards = int(random.integers(9, 14))
    rows = np.arange(SIZE[1]) * boards // SIZE[1]
    board = random.normal(0, 0.07, boards)[rows].astype(np.float32)[:, None]
    grain = 0.05 * _noise(random, 6, 220, 2) + 0.035 * _noise(random, 12, 24, 2)
    joint = (np.arange(SIZE[1]) * boards % SIZE[1] < 4 * boards).astype(np.float32)[:, None]
    return _toned(tone, grain + board - 0.35 * joint)


def _marble(random: Random) -> Image.Image:
    tone = _pick(random, (232, 230, 226), (206, 204, 204), (74, 76, 80))
    veins = 1 / (1 + 18 * np.abs(_noise(random, 6, 4, 5)))
    return _toned(tone, 0.04 * _noise(random, 8, 6) - 0.22 * veins.astype(np.float32))


def _granite(random: Random) -> Image.Image:
    tone = _pick(random, (120, 116, 112), (72, 72, 74), (166, 156, 144))
    specks = random.normal(0, 0.16, SIZE[::-1]).astype(np.float32)
    soft = np.asarray(Image.fromarray(specks).resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.BOX).resize(SIZE))
    return _toned(tone, 1.7 * soft + 0.04 * _noise(random, 20, 16))


def _laminate(random: Random) -> Image.Image:
    tone = _pick(random, (226, 222, 214), (186, 190, 190), (158, 142, 124))
    return _toned(tone, 0.02 * _noise(random, 5, 4, 4))


def _cloth(random: Random) -> Image.Image:
    """A checked cloth: two sets of stripes that darken where they cross."""
    tone = _pick(random, (238, 232, 220), (228, 232, 236), (240, 226, 206))
    dye = np.array(_pick(random, (176, 40, 44), (44, 86, 140), (70, 120, 80)), np.float32) / 255
    period = int(random.integers(24, 56))
    across = (np.arange(SIZE[0]) % period < period / 2).astype(np.float32)
    down = (np.arange(SIZE[1]) % period < period / 2).astype(np.float32)
    amount = 0.42 * (across[None, :] + down[:, None])[..., None]
    weave = 0.03 * random.normal(0, 1, SIZE[::-1]).astype(np.float32) + 0.03 * _noise(random, 6, 5)
    pixels = np.asarray(_toned(tone, weave), np.float32) * (1 - amount + amount * dye)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _plaster(random: Random) -> Image.Image:
    tone = _pick(random, (226, 218, 204), (196, 206, 204), (206, 190, 168), (150, 164, 150), (214, 206, 212))
    return _toned(tone, 0.025 * _noise(random, 4, 3, 5))


def _tiles(random: Random) -> Image.Image:
    """Tiles in a running bond, each a little different, with grout between them."""
    tone = _pick(random, (236, 236, 232), (196, 212, 216), (176, 198, 178), (86, 110, 126))
    image = Image.new("RGB", SIZE, (150, 148, 144))
    pen = ImageDraw.Draw(image)
    width, height = (72, 36) if random.random() < 0.6 else (64, 64)
    for row in range(SIZE[1] // height + 1):
        for column in range(-1, SIZE[0] // width + 1):
            left = column * width + (width // 2) * (row % 2) * (width != height)
            shade = 1 + random.normal(0, 0.025)
            fill = tuple(min(255, round(value * shade)) for value in tone)
            pen.rounded_rectangle((left, row * height, left + width - 3, row * height + height - 3), 2, fill=fill)
    return image


def _panelling(random: Random) -> Image.Image:
    """Upright boards: a wooden wall or cupboard."""
    turned = _wood(random).resize(SIZE[::-1]).transpose(Image.Transpose.ROTATE_90)
    return turned.resize(SIZE)


def _wallpaper(random: Random) -> Image.Image:
    tone = _pick(random, (232, 224, 206), (198, 212, 222), (218, 200, 196))
    stripes = (np.arange(SIZE[0]) // int(random.integers(14, 40)) % 2).astype(np.float32)
    return _toned(tone, 0.02 * _noise(random, 4, 3) - 0.09 * stripes[None, :])


TABLES: dict[str, Callable[[Random], Image.Image]] = {
    "cloth": _cloth,
    "granite": _granite,
    "laminate": _laminate,
    "marble": _marble,
    "wood": _wood,
}
WALLS: dict[str, Callable[[Random], Image.Image]] = {
    "panelling": _panelling,
    "plaster": _plaster,
    "tiles": _tiles,
    "wallpaper": _wallpaper,
}
