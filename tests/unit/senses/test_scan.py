from __future__ import annotations

import numpy as np
import pytest
from barcodes import code_image, with_code
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shibuya_optics.demo import pantry, render
from shibuya_optics.errors import ContractError
from shibuya_optics.senses import parse_gtin, scan

CODE, OTHER_CODE = "5740900836006", "4006381333931"
PAPER = np.full((600, 600, 3), (230, 225, 210), np.uint8)


def found(photo: NDArray[np.uint8]) -> list[str]:
    return sorted(code.text for code in scan(np.ascontiguousarray(photo)))


def turned(photo: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(photo).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white"))


@pytest.mark.parametrize(
    ("text", "kind", "gtin"),
    [
        (CODE, "EAN13", "05740900836006"),
        ("96385074", "EAN8", "00000096385074"),
        ("036000291452", "UPCA", "00036000291452"),
        ("https://id.gs1.org/01/05740900836006/10/AB12?17=261224", "QRCode", "05740900836006"),
        ("https://example.org/recipe", "QRCode", None),
        ("(01)05740900836006(17)261224", "DataMatrix", "05740900836006"),
    ],
)
def test_each_kind_of_code_is_read(text: str, kind: str, gtin: str | None) -> None:
    (code,) = scan(with_code(PAPER, text, kind=kind))
    assert code.gtin == gtin
    assert code.text.lstrip("0") == text.lstrip("0")
    assert code.format


def test_a_code_is_told_with_its_place() -> None:
    (code,) = scan(with_code(PAPER, CODE, at=(200, 300)))
    (left, top), (right, _), (_, bottom), _ = code.box
    assert 200 / 600 < left < right < 1
    assert 300 / 600 < top < bottom < 1


@pytest.mark.parametrize("degrees", [0, 12, 45, 90, 135, 180, 270])
def test_a_code_is_read_at_any_angle(degrees: float) -> None:
    photo = turned(with_code(PAPER, CODE, at=(230, 240)), degrees)
    (code,) = scan(np.ascontiguousarray(photo))
    assert code.text == CODE
    x, y = np.mean(code.box, axis=0)
    # The code's middle lies at (0.69, 0.55) of the page, and turns with it.
    side = photo.shape[1] / 600
    angle = np.deg2rad(degrees)
    right, down = 0.69 - 0.5, 0.55 - 0.5
    assert x - 0.5 == pytest.approx((right * np.cos(angle) + down * np.sin(angle)) / side, abs=0.05)
    assert y - 0.5 == pytest.approx((-right * np.sin(angle) + down * np.cos(angle)) / side, abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_a_code_on_a_rendered_pack_is_read(seed: int) -> None:
    rng = np.random.default_rng(seed)
    photo = render(pantry(1, seed)[0], seed)
    height, width = photo.shape[:2]
    code = code_image(CODE, 2)
    left, top = (
        int(rng.integers(0, side - length)) for side, length in ((width, code.shape[1]), (height, code.shape[0]))
    )
    assert found(with_code(photo, CODE, at=(left, top), scale=2)) == [CODE]


def test_blurred_dark_small_and_compressed_codes_are_read() -> None:
    photo = Image.fromarray(with_code(PAPER, CODE, at=(100, 200)))
    assert found(np.asarray(photo.filter(ImageFilter.GaussianBlur(1.5)))) == [CODE]
    assert found((np.asarray(photo) * 0.25).astype(np.uint8)) == [CODE]
    assert found(np.asarray(photo.resize((280, 280), Image.Resampling.LANCZOS))) == [CODE]


def test_two_codes_are_both_told_and_one_twice_is_told_once() -> None:
    two = with_code(with_code(PAPER, CODE), OTHER_CODE, at=(20, 320))
    assert found(two) == sorted([CODE, OTHER_CODE])
    assert found(with_code(with_code(PAPER, CODE), CODE, at=(20, 320))) == [CODE]


@pytest.mark.parametrize("shape", [(10, 10, 3), (1, 1, 3), (600, 2, 3), (300, 300, 3)])
def test_where_there_is_no_code_none_is_told(shape: tuple[int, ...]) -> None:
    assert scan(np.random.default_rng(0).integers(0, 255, shape, np.uint8)) == ()


def test_what_a_code_says_is_one_bounded_line() -> None:
    (code,) = scan(with_code(PAPER, "<b>\n\x07" + "x" * 400, kind="QRCode"))
    assert code.text.startswith("<b>")
    assert code.text.isprintable()
    assert len(code.text) == 300


def test_what_is_no_photo_is_refused() -> None:
    with pytest.raises(ContractError):
        scan(np.zeros((100, 100), np.uint8))


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        (CODE, "0" + CODE),
        ("5 740900 836006", "0" + CODE),
        ("05740900836006", "0" + CODE),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("5740900836007", None),
        ("574090083600", None),
        ("00000000", None),
        ("", None),
        ("574090083600x", None),
        ("٥٧٤٠٩٠٠٨٣٦٠٠٦", None),
    ],
)
def test_a_gtin_has_the_right_length_and_check_digit(text: str, gtin: str | None) -> None:
    assert parse_gtin(text) == gtin
