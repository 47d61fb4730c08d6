"""What is printed on the packs: sheets, fronts, sides, lids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.demo import Product, pantry
from shibuya_optics.demo.brands import LAYOUTS, LETTERINGS, Layout, Lettering
from shibuya_optics.demo.fronts import front, readable
from shibuya_optics.demo.motifs import MOTIFS, draw_motif
from shibuya_optics.demo.sheet import Sheet
from shibuya_optics.demo.sides import barcode, lid, side, wrap

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
ASPECTS = {"tall": (120, 260), "upright": (160, 200), "square": (180, 180), "wide": (240, 120)}


@pytest.fixture(scope="module")
def product() -> Product:
    return pantry(1)[0]


def difference(a: Image.Image, b: Image.Image) -> float:
    return float(np.abs(np.asarray(a, np.int16) - np.asarray(b, np.int16)).mean())


def inked(image: Image.Image) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = np.nonzero(np.asarray(image.convert("L")) < 128)
    return rows, columns


@pytest.mark.parametrize("lettering", LETTERINGS)
def test_text_is_centred_and_fits(lettering: Lettering) -> None:
    sheet = Sheet(400, 200, WHITE)
    sheet.write("Norrskensmjolk", 0.5, 0.5, 0.5, 0.6, BLACK, lettering=lettering, outline=BLACK)
    rows, columns = inked(sheet.image())
    assert 0.5 * 400 <= np.ptp(columns) <= 0.66 * 400
    assert abs((columns.min() + columns.max()) / 2 - 200) < 8
    assert abs((rows.min() + rows.max()) / 2 - 100) < 12


def test_short_text_is_as_high_as_asked() -> None:
    heights = []
    for height in (0.2, 0.4):
        sheet = Sheet(400, 200, WHITE)
        sheet.write("HH", 0.5, 0.5, height, 1.0, BLACK)
        heights.append(np.ptp(inked(sheet.image())[0]))
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.1)


def test_slanted_letters_lean_to_the_right() -> None:
    sheet = Sheet(200, 200, WHITE)
    sheet.write("l", 0.5, 0.5, 0.8, 1.0, BLACK, lettering="slanted")
    rows, columns = inked(sheet.image())
    top, bottom = rows < np.quantile(rows, 0.2), rows > np.quantile(rows, 0.8)
    assert columns[top].mean() > columns[bottom].mean() + 5


@pytest.mark.parametrize("size", ASPECTS.values(), ids=ASPECTS)
def test_layouts_look_different_on_packs_of_every_form(product: Product, size: tuple[int, int]) -> None:
    fronts = [front(replace(product, layout=layout), *size) for layout in LAYOUTS]
    assert {image.size for image in fronts} == {size}
    assert min(difference(a, b) for i, a in enumerate(fronts) for b in fronts[:i]) > 10


@pytest.mark.parametrize("size", ASPECTS.values(), ids=ASPECTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_brand_title_claim_and_picture_are_all_printed(product: Product, layout: Layout, size: tuple[int, int]) -> None:
    printed = replace(product, layout=layout)
    other = next(motif for motif in MOTIFS if motif != product.kind.motif)
    changes = [
        replace(printed, label=f"{product.kind.path}/Xyzzy"),
        replace(printed, claim="Quite another"),
        replace(printed, kind=replace(product.kind, title="Gravel")),
        replace(printed, kind=replace(product.kind, amount="9 kg")),
        replace(printed, kind=replace(product.kind, motif=other)),
    ]
    unchanged = front(printed, *size)
    for changed in changes:
        assert difference(unchanged, front(changed, *size)) > 0.05


def test_the_most_readable_colour_is_chosen() -> None:
    assert readable((250, 250, 240), (255, 255, 255), (20, 20, 60)) == (20, 20, 60)
    assert readable((20, 20, 60), (255, 255, 255), (30, 10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("motif", MOTIFS)
def test_a_motif_fills_its_square_and_stays_about_within(motif: str) -> None:
    canvas = Image.new("RGB", (300, 300), (1, 2, 3))
    draw_motif(canvas, motif, 150, 150, 100)
    rows, columns = np.nonzero((np.asarray(canvas) != (1, 2, 3)).any(axis=2))
    assert max(np.ptp(rows), np.ptp(columns)) > 120
    assert min(rows.min(), columns.min()) > 35
    assert max(rows.max(), columns.max()) < 265


def test_a_side_has_small_print_and_a_barcode(product: Product) -> None:
    image = side(product, 200, 400)
    assert image.size == (200, 400)
    pixels = np.asarray(image.convert("L"), np.int16)
    code = pixels[int(0.82 * 400), 38:162]
    assert (np.abs(np.diff(code)) > 100).sum() > 20
    assert (np.asarray(side(pantry(2)[1], 200, 400)) != np.asarray(image)).any()


def test_barcodes_differ_between_products_and_stay_the_same_for_one() -> None:
    a, b = pantry(2)
    assert barcode(a, 109, 40).tobytes() == barcode(a, 109, 40).tobytes()
    assert barcode(a, 109, 40).tobytes() != barcode(b, 109, 40).tobytes()


def test_a_wrap_has_the_front_in_its_middle(product: Product) -> None:
    image = wrap(product, 600, 180, 200)
    assert image.size == (600, 180)
    middle = image.crop((200, 0, 400, 180))
    assert middle.tobytes() == front(product, 200, 180).tobytes()


def test_a_lid_is_round(product: Product) -> None:
    alpha = np.asarray(lid(product, 100).getchannel("A"))
    assert alpha[50, 50] == 255
    assert alpha[2, 2] == 0
    assert (alpha > 127).mean() == pytest.approx(np.pi / 4, abs=0.03)
