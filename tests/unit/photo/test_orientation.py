from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shibuya_optics.photo import read_photo
from shibuya_optics.photo.orientation import exif_orientation, upright, xmp_orientation

Pixels = NDArray[np.uint8]
FileOf = Callable[..., bytes]
ORIENTATIONS = range(1, 9)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x010F] = "a maker"
    block[0x0112] = orientation
    return block


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_turns_as_pillow_does(photo: Pixels, file_of: FileOf, format_name: str, orientation: int) -> None:
    file = file_of(photo, format_name, exif=exif(orientation))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(file))))
    read = read_photo(file)
    assert read.shape == ((96, 128, 3) if orientation < 5 else (128, 96, 3))
    # Two builds of libjpeg may round differently by a level.
    assert np.abs(read.astype(int) - expected).max() <= 1
    assert read.flags.c_contiguous


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_camera_position_is_undone(photo: Pixels, file_of: FileOf, orientation: int) -> None:
    """How a camera stores the picture, by where EXIF 2.32 says that the first row and column belong."""
    stored = {
        1: photo,
        2: photo[:, ::-1],
        3: photo[::-1, ::-1],
        4: photo[::-1],
        5: photo.transpose(1, 0, 2),
        6: np.rot90(photo, 1),
        7: photo[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(photo, -1),
    }[orientation]
    file = file_of(np.ascontiguousarray(stored), "PNG", exif=exif(orientation))
    assert np.array_equal(read_photo(file), photo)
    assert np.array_equal(upright(np.ascontiguousarray(stored), orientation), photo)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_heic_is_turned_once(photo: Pixels, file_of: FileOf, orientation: int) -> None:
    """HEIC's decoder turns the picture by the file's own rule; the EXIF orientation beside it must not turn it again."""
    file = file_of(photo, "HEIC", exif=exif(orientation).tobytes(), quality=95)
    expected = upright(photo, orientation)
    assert np.abs(read_photo(file).astype(int) - expected).mean() < 3


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_pil_images_come_upright_and_stay_as_they_are(photo: Pixels, file_of: FileOf, orientation: int) -> None:
    image = Image.open(BytesIO(file_of(photo, "PNG", exif=exif(orientation))))
    assert np.array_equal(read_photo(image), upright(photo, orientation))
    assert image.size == (128, 96)


def test_a_scaled_decode_is_turned_too(file_of: FileOf) -> None:
    left_white = np.zeros((512, 768, 3), np.uint8)
    left_white[:, :384] = 255
    read = read_photo(file_of(left_white, "JPEG", exif=exif(6)), short_side=64)
    assert read.shape == (96, 64, 3)
    assert read[:40].min() > 240
    assert read[56:].max() < 15


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_reads_either_byte_order(order: str, orientation: int) -> None:
    block = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, 2)
    block += struct.pack(f"{order}HHIHH", 0x0111, 3, 1, 7, 0) + struct.pack(
        f"{order}HHIHH", 0x0112, 3, 1, orientation, 0
    )
    assert exif_orientation(block) == orientation


def test_reads_an_orientation_stored_as_a_long_number() -> None:
    block = b"MM" + struct.pack(">HIH", 42, 8, 1) + struct.pack(">HHII", 0x0112, 4, 1, 6)
    assert exif_orientation(block) == 6


@pytest.mark.parametrize(
    "block",
    [b"", b"II", b"XX*\0\x08\0\0\0\0\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff\x01", b"II*\0" * 9],
)
def test_a_damaged_block_says_nothing(block: bytes) -> None:
    assert exif_orientation(block) is None


@pytest.mark.parametrize("orientation", [0, 9, 255, None, "6", 6.5])
def test_an_orientation_that_does_not_exist_changes_nothing(photo: Pixels, orientation: object) -> None:
    assert np.array_equal(upright(photo, orientation), photo)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_xmp_counts_where_exif_is_silent(photo: Pixels, file_of: FileOf, format_name: str) -> None:
    options: dict[str, Any] = {"xmp": XMP}
    if format_name == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options = {"pnginfo": info}
    assert read_photo(file_of(photo, format_name, **options)).shape == (128, 96, 3)
    assert read_photo(file_of(photo, format_name, exif=exif(1), **options)).shape == (96, 128, 3)


def test_xmp_without_an_orientation_says_nothing() -> None:
    assert xmp_orientation(b"<tiff:Orientation>3</tiff:Orientation>") == 3
    assert xmp_orientation(b"<tiff:Make>6</tiff:Make>") is None
