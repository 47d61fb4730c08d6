from __future__ import annotations

import math
import socket
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from shibuya_optics.errors import ContractError
from shibuya_optics.recognise.catalogue.lexicon import normalised
from shibuya_optics.senses import Read, prominence
from shibuya_optics.senses.read import DETECTION_PIXELS, LEAST_SIDE, LONGEST_TEXT, MOST_ENLARGED, MOST_LINES

BRAND = "LURPAK"


@pytest.fixture(scope="module")
def reader() -> Read:
    return Read(threads=1)


def pack(
    *lines: str, side: tuple[int, int] = (480, 360), letters: int = 48, ink: str = "navy", paper: str = "ivory"
) -> Image.Image:
    """A front with lines of print, one below the other."""
    image = Image.new("RGB", side, paper)
    pen = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        pen.text(
            (side[0] * 0.1, side[1] * 0.15 + 1.5 * letters * place),
            line,
            fill=ink,
            font=ImageFont.load_default(letters),
        )
    return image


def texts(reader: Read, image: Image.Image | NDArray[np.uint8]) -> list[str]:
    return [" ".join(normalised(word.text)) for word in reader.words(np.asarray(image))]


def test_words_are_read_with_where_they_stand_and_how_surely(reader: Read) -> None:
    words = reader.words(np.asarray(pack(BRAND, "slightly salted")))
    assert {word.text.lower() for word in words} == {"lurpak", "slightly salted"}
    brand = next(word for word in words if word.text == BRAND)
    assert brand.confidence > 0.9
    (left, top), (right, _), (_, bottom), _ = brand.box
    assert 0.05 < left < 0.15
    assert 0.4 < right < 0.6
    assert 0.1 < top < 0.2 < bottom < 0.4


def test_numbers_and_units_are_read(reader: Read) -> None:
    assert {"1,5 250 g", "milk"} == set(texts(reader, pack("MILK", "1,5 % 250 g")))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_pack_that_lies_on_its_side_or_head_is_read(reader: Read, turns: int) -> None:
    assert "lurpak" in texts(reader, np.rot90(np.asarray(pack(BRAND, "butter")), turns))


def test_a_tilted_pack_is_read(reader: Read) -> None:
    assert "lurpak" in texts(reader, pack(BRAND).rotate(20, fillcolor="ivory", resample=Image.Resampling.BICUBIC))


def test_light_print_on_dark_in_a_dark_photo_is_read(reader: Read) -> None:
    dark = (np.asarray(pack(BRAND, ink="white", paper="green")) * 0.25).astype(np.uint8)
    assert "lurpak" in texts(reader, dark)


@pytest.mark.parametrize("side", [(120, 90), (5400, 3600)])
def test_small_and_very_large_photos_are_read(reader: Read, side: tuple[int, int]) -> None:
    assert "lurpak" in texts(reader, pack(BRAND, side=side, letters=side[1] // 5))


def test_every_photo_but_a_tiny_one_is_detected_at_about_the_same_size(
    reader: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    detect = reader._engine.detect_and_crop

    def spy(photo: NDArray[np.uint8], record: dict[str, object]) -> object:
        seen.append(photo.shape[0] * photo.shape[1])
        return detect(photo, record)

    monkeypatch.setattr(reader._engine, "detect_and_crop", spy)
    for side in ((120, 90), (600, 450), (2400, 1800)):
        reader.words(np.asarray(pack(BRAND, side=side, letters=side[1] // 5)))
    assert seen == pytest.approx([120 * 90 * MOST_ENLARGED**2, DETECTION_PIXELS, DETECTION_PIXELS], rel=0.01)


def test_the_tallest_line_comes_first(reader: Read) -> None:
    image = pack("small print below", letters=20)
    ImageDraw.Draw(image).text((60, 160), BRAND, fill="navy", font=ImageFont.load_default(80))
    assert reader.words(np.asarray(image))[0].text == BRAND


def test_where_there_is_no_print_nothing_is_read(reader: Read) -> None:
    assert reader.words(np.full((300, 300, 3), 128, np.uint8)) == ()
    assert reader.words(np.zeros((10, 10, 3), np.uint8)) == ()
    assert reader.words(np.zeros((LEAST_SIDE - 1, 900, 3), np.uint8)) == ()


def test_a_page_full_of_print_is_read_within_bounds(reader: Read) -> None:
    page = pack(*["lorem ipsum dolor sit amet consectetur"] * 45, side=(900, 1200), letters=16)
    words = reader.words(np.asarray(page))
    assert 5 < len(words) <= MOST_LINES
    assert all(len(word.text) <= LONGEST_TEXT and word.text.isprintable() for word in words)


def test_a_strip_is_read(reader: Read) -> None:
    assert isinstance(reader.words(np.asarray(pack(BRAND, side=(1600, 60), letters=40))), tuple)


def test_hostile_print_stays_one_line_of_text(reader: Read) -> None:
    words = reader.words(np.asarray(pack("<script>alert(1)</script>", side=(900, 300), letters=40)))
    assert words
    assert all(isinstance(word.text, str) and word.text.isprintable() for word in words)


def test_reading_that_cannot_be_in_time_is_not_begun(reader: Read) -> None:
    photo = np.asarray(pack(BRAND))
    reader.warm_up()
    start = perf_counter()
    assert reader.words(photo, until=start + 0.001) == ()


def test_time_enough_reads_all(reader: Read) -> None:
    photo = np.asarray(pack(BRAND, "butter"))
    reader.warm_up()
    assert reader.words(photo, until=perf_counter() + 60) == reader.words(photo)


def test_before_it_is_known_how_long_it_takes_nothing_is_begun_in_a_limited_time() -> None:
    fresh = Read()
    assert not fresh.in_time(perf_counter() + 60)
    assert fresh.words(np.asarray(pack(BRAND)), until=perf_counter() + 60) == ()
    assert fresh.in_time(math.inf)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    assert Read().words(np.asarray(pack(BRAND)))


def test_what_is_no_photo_is_refused(reader: Read) -> None:
    with pytest.raises(ContractError):
        reader.words(np.zeros((100, 100), np.uint8))


def test_prominence_is_height_and_distance_from_the_middle() -> None:
    assert prominence(((0.4, 0.4), (0.6, 0.4), (0.6, 0.5), (0.4, 0.5))) == pytest.approx((0.1, 0.05))
    upright = prominence(((0.1, 0.2), (0.2, 0.2), (0.2, 0.8), (0.1, 0.8)))
    assert upright == pytest.approx((0.1, 0.35))
