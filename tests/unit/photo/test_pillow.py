from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import EmptyPhotoError, NotAPhotoError, TooManyPixelsError, TruncatedPhotoError
from shibuya_optics.photo import read_photo
from shibuya_optics.photo.pillow import _quiet

Pixels = NDArray[np.uint8]
FileOf = Callable[..., bytes]
LEVELS = np.arange(256)
# Each 8-bit level as the 16-bit number that stands for it, 0 to 65535: (4, 256).
RAMP = np.tile(LEVELS.astype(np.uint16) * 257, (4, 1))
GREY, COLOUR, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 4, 6


def with_tag(file: bytes, tag: int, old: int, new: int) -> bytes:
    """A little-endian TIFF with the value of a SHORT tag changed."""
    entry = struct.pack("<HHI", tag, 3, 1)
    return file.replace(entry + struct.pack("<H", old), entry + struct.pack("<H", new), 1)


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_range(file_of: FileOf, format_name: str) -> None:
    read = read_photo(file_of(Image.fromarray(RAMP), format_name))
    assert np.array_equal(read, np.repeat(np.tile(LEVELS, (4, 1))[..., None], 3, axis=2))


@pytest.mark.parametrize("colour_type", [GREY, COLOUR, GREY_ALPHA, COLOUR_ALPHA])
def test_16_bit_png_of_every_kind(png_of: Callable[..., bytes], colour_type: int) -> None:
    channels = {GREY: 1, COLOUR: 3, GREY_ALPHA: 2, COLOUR_ALPHA: 4}[colour_type]
    samples = np.repeat(RAMP[..., None], channels, axis=2)
    if colour_type in {GREY_ALPHA, COLOUR_ALPHA}:
        samples[..., -1] = 0xFFFF
    assert np.array_equal(read_photo(png_of(samples, colour_type))[0, :, 1], LEVELS)


@pytest.mark.parametrize(("colour_type", "key"), [(GREY, ">H"), (COLOUR, ">HHH")])
def test_16_bit_png_with_a_transparent_colour(png_of: Callable[..., bytes], colour_type: int, key: str) -> None:
    samples = np.repeat(RAMP[..., None], 3 if colour_type == COLOUR else 1, axis=2)
    read = read_photo(png_of(samples, colour_type, tRNS=struct.pack(key, *[257 * 3] * (len(key) - 1))))
    assert read[0, :5, 0].tolist() == [0, 1, 2, 255, 4]


def test_16_bit_tiff_with_white_as_zero(file_of: FileOf) -> None:
    file = with_tag(file_of(Image.fromarray(RAMP), "TIFF"), 262, 1, 0)
    assert np.array_equal(read_photo(file)[0, :, 0], LEVELS[::-1])


def test_12_bit_tiff_keeps_its_range(file_of: FileOf) -> None:
    """Two samples share three bytes: 0x000 0xFFF 0x800 0x400."""
    file = with_tag(file_of(Image.fromarray(np.zeros((1, 4), np.uint16)), "TIFF"), 258, 16, 12)
    packed = bytes((0x00, 0x0F, 0xFF, 0x80, 0x04, 0x00))
    file = file[:-8] + packed + bytes(2)
    assert read_photo(file)[0, :, 0].tolist() == [0, 255, 128, 64]


@pytest.mark.parametrize("mode", ["F", "I"])
def test_32_bit_numbers_are_refused(file_of: FileOf, mode: str) -> None:
    with pytest.raises(NotAPhotoError, match="holds 32-bit numbers instead of colours: save it with 8 or 16 bits"):
        read_photo(file_of(Image.new(mode, (4, 4)), "TIFF"))


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 90, (90, 90, 90)),
        ("LA", (90, 255), (90, 90, 90)),
        ("LA", (90, 0), (255, 255, 255)),
        ("RGB", (10, 20, 30), (10, 20, 30)),
        ("RGBX", (10, 20, 30, 0), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("RGBA", (0, 100, 250, 51), (204, 224, 254)),
        ("RGBa", (0, 0, 0, 0), (255, 255, 255)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("YCbCr", (255, 128, 128), (255, 255, 255)),
        ("HSV", (0, 255, 255), (255, 0, 0)),
        ("I;16", 51_400, (200, 200, 200)),
    ],
)
def test_pil_images_of_every_mode(mode: str, colour: int | tuple[int, ...], expected: tuple[int, ...]) -> None:
    read = read_photo(Image.new(mode, (6, 4), colour))
    assert read.shape == (4, 6, 3)
    assert set(map(tuple, read.reshape(-1, 3).tolist())) == {expected}


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "TIFF", "HEIC", "AVIF"])
def test_transparent_files_are_laid_on_white(file_of: FileOf, format_name: str) -> None:
    picture = np.full((64, 64, 4), (200, 30, 60, 255), np.uint8)
    picture[:32, :, 3] = 0
    read = read_photo(file_of(picture, format_name))
    assert read[:24].min() >= 250
    assert np.abs(read[40:].reshape(-1, 3).astype(int) - (200, 30, 60)).max() <= 8


def test_palettes_with_transparency(photo: Pixels, file_of: FileOf) -> None:
    palette = Image.fromarray(photo).quantize(8)
    indices, plain = np.asarray(palette), np.asarray(palette.convert("RGB"))
    for format_name in ("PNG", "GIF"):
        read = read_photo(file_of(palette, format_name, transparency=2))
        assert read[indices == 2].min() == 255
        assert np.array_equal(read[indices != 2], plain[indices != 2])
    half = read_photo(file_of(palette, "PNG", transparency=bytes([0, 128] + [255] * 6)))
    assert np.abs(half[indices == 1].astype(int) - (plain[indices == 1] // 2 + 127)).max() <= 1
    assert np.array_equal(half[indices > 1], plain[indices > 1])


def test_one_transparent_colour(file_of: FileOf) -> None:
    grey = Image.fromarray(np.arange(8, dtype=np.uint8)[None])
    assert read_photo(file_of(grey, "PNG", transparency=3))[0, :5, 0].tolist() == [0, 1, 2, 255, 4]


# Where the width and the height stand in a small file of each format, and how.
SIZE_AT = {"PNG": (16, ">II"), "GIF": (6, "<HH"), "BMP": (18, "<ii")}


@pytest.mark.parametrize("format_name", [*SIZE_AT, "TIFF"])
@pytest.mark.parametrize("size", [(8001, 8000), (10_000, 9500), (20_000, 9500)])
def test_too_many_pixels_are_refused(file_of: FileOf, format_name: str, size: tuple[int, int]) -> None:
    """Below, above and far above the size at which Pillow itself warns and then refuses."""
    if format_name == "TIFF":
        file = file_of(Image.new("1", size), "TIFF", compression="group4")
    else:
        at, kind = SIZE_AT[format_name]
        file = file_of(Image.new("L", (2, 2)), format_name)
        file = file[:at] + struct.pack(kind, *size) + file[at + struct.calcsize(kind) :]
    if format_name == "PNG":
        file = file[:29] + struct.pack(">I", zlib.crc32(file[12:29])) + file[33:]
    with pytest.raises(TooManyPixelsError, match="64 megapixels"):
        read_photo(file)


def test_heic_with_too_many_pixels_is_refused_before_it_is_decoded(
    photo: Pixels, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shibuya_optics.photo.limits.MOST_PIXELS", 1000)
    monkeypatch.setattr("pillow_heif.HeifFile.to_pillow", lambda _: pytest.fail("it was decoded"), raising=False)
    with pytest.raises(TooManyPixelsError, match="128 x 96"):
        read_photo(file_of(photo, "HEIC"))


def test_what_a_decoder_quotes_from_a_damaged_file_is_made_printable(photo: Pixels, file_of: FileOf) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = file_of(photo, "HEIC", exif=exif.tobytes()).replace(b"irot", b"iro\x07")
    with pytest.raises(TruncatedPhotoError, match="item property") as caught:
        read_photo(file)
    assert str(caught.value).isprintable()


def test_pil_images_are_limited_too() -> None:
    with pytest.raises(TooManyPixelsError, match="the image has 64,008,000 pixels"):
        read_photo(Image.new("1", (8001, 8000)))
    with pytest.raises(EmptyPhotoError, match="the image is empty: it is 0 x 4 pixels"):
        read_photo(Image.new("RGB", (0, 4)))


def test_a_pil_image_of_a_damaged_file(photo: Pixels, file_of: FileOf) -> None:
    file = file_of(photo, "PNG")
    with pytest.raises(TruncatedPhotoError, match="the image cannot be decoded"):
        read_photo(Image.open(BytesIO(file[: len(file) // 2])))


def test_warnings_are_back_after_threads_have_read(photo: Pixels, file_of: FileOf) -> None:
    file = file_of(photo, "PNG")
    before = warnings.filters[:]
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(read_photo, [file] * 64))
    assert all(np.array_equal(one, photo) for one in read)
    assert warnings.filters == before


def test_warnings_are_kept_until_the_last_thread_is_out() -> None:
    _quiet.__enter__()
    _quiet.__enter__()
    _quiet.__exit__()
    warnings.warn("still quiet", UserWarning, stacklevel=1)
    _quiet.__exit__()
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)
