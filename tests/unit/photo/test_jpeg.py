from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import NotAPhotoError, PhotoError, TooManyPixelsError, TruncatedPhotoError
from shibuya_optics.photo import encode_jpeg, read_photo
from shibuya_optics.photo.jpeg import MOST_SCANS, JpegHeader

Pixels = NDArray[np.uint8]
FileOf = Callable[..., bytes]


@pytest.fixture(scope="module")
def large() -> Pixels:
    """A picture with edges, grain and smooth parts: uint8 (1200, 1600, 3)."""
    random = np.random.default_rng(3)
    blocks = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8))
    picture = np.array(blocks.resize((1600, 1200), Image.Resampling.BICUBIC)).astype(int)
    picture[300:700, 400:900] = (200, 30, 60)
    return np.clip(picture + random.integers(-6, 7, picture.shape), 0, 255).astype(np.uint8)


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def without_segment(file: bytes, marker: int) -> bytes:
    at = file.index(bytes((0xFF, marker)))
    return file[:at] + file[at + 2 + int.from_bytes(file[at + 2 : at + 4], "big") :]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("short_side", [96, 150, 256, 400, 599])
def test_a_scaled_decode_looks_like_the_full_one_resized(
    large: Pixels, file_of: FileOf, short_side: int, progressive: bool
) -> None:
    file = file_of(large, "JPEG", quality=90, progressive=progressive)
    scaled, full = read_photo(file, short_side=short_side), read_photo(file)
    assert full.shape == large.shape
    assert short_side <= scaled.shape[0] <= 600
    resized = Image.fromarray(full).resize(scaled.shape[1::-1], Image.Resampling.BOX)
    error = np.abs(scaled.astype(int) - np.asarray(resized))
    assert error.mean() < 1
    assert np.percentile(error, 99) <= 6


@pytest.mark.parametrize(("short_side", "height"), [(150, 150), (151, 300), (600, 600), (601, 1200), (5000, 1200)])
def test_scales_by_eighths_up_to_a_half(large: Pixels, file_of: FileOf, short_side: int, height: int) -> None:
    assert read_photo(file_of(large, "JPEG"), short_side=short_side).shape[0] == height


def test_the_short_side_is_the_width_of_an_upright_photo(large: Pixels, file_of: FileOf) -> None:
    tall = file_of(np.ascontiguousarray(large.transpose(1, 0, 2)), "JPEG")
    assert read_photo(tall, short_side=150).shape == (200, 150, 3)


def test_reads_what_pillow_reads(large: Pixels, file_of: FileOf) -> None:
    for options in ({}, {"subsampling": 0}, {"subsampling": 1}, {"progressive": True}, {"restart_marker_rows": 1}):
        file = file_of(large, "JPEG", **options)
        assert np.abs(read_photo(file).astype(int) - np.asarray(Image.open(BytesIO(file)))).max() <= 2


def test_a_grey_jpeg(photo: Pixels, file_of: FileOf) -> None:
    grey = Image.fromarray(photo).convert("L")
    read = read_photo(file_of(grey, "JPEG", quality=95))
    assert np.array_equal(read[..., 0], read[..., 2])
    assert np.abs(read[..., 1].astype(int) - np.asarray(grey)).mean() < 2


@pytest.mark.parametrize("short_side", [None, 20])
def test_cmyk_inverted_as_adobe_does_and_not(file_of: FileOf, short_side: int | None) -> None:
    ink = Image.new("CMYK", (64, 48), (0, 200, 250, 10))
    adobe = file_of(ink, "JPEG", quality=95)
    # Without Adobe's marker the stored numbers are the ink itself, so the same colour is stored as its opposite.
    plain = without_segment(file_of(Image.new("CMYK", (64, 48), (255, 55, 5, 245)), "JPEG", quality=95), 0xEE)
    expected = ink.convert("RGB").getpixel((0, 0))
    assert b"Adobe" not in plain
    for file in (adobe, plain):
        read = read_photo(file, short_side=short_side)
        assert np.abs(read.reshape(-1, 3).astype(int) - expected).max() <= 3
    assert (read.shape == (48, 64, 3)) == (short_side is None)


def test_cmyk_and_what_pillow_decodes_is_turned_too(file_of: FileOf) -> None:
    ink = np.zeros((48, 64, 4), np.uint8)
    ink[:24] = 255
    plain = without_segment(file_of(Image.frombytes("CMYK", (64, 48), ink.tobytes()), "JPEG"), 0xEE)
    exif = segment(0xE1, b"Exif\0\0MM\0*" + struct.pack(">IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0))
    assert read_photo(plain[:2] + exif + plain[2:]).shape == (64, 48, 3)


@pytest.mark.parametrize("cut", [2, 3, 10, 1000])
def test_a_jpeg_that_breaks_off_is_refused(large: Pixels, file_of: FileOf, cut: int) -> None:
    file = file_of(large, "JPEG")
    assert simplejpeg.decode_jpeg(file[:-cut], strict=False).shape == large.shape, "a lax decoder gives grey instead"
    for short_side in (None, 150):
        with pytest.raises(TruncatedPhotoError, match="is a damaged JPEG .*Premature end of JPEG file"):
            read_photo(file[:-cut], short_side=short_side)


def test_a_jpeg_that_is_filled_up_with_zeros_is_refused(large: Pixels, file_of: FileOf) -> None:
    file = file_of(large, "JPEG")
    with pytest.raises(TruncatedPhotoError):
        read_photo(file[: len(file) // 2] + bytes(len(file) // 2))


def test_a_jpeg_that_is_spoilt_inside_is_refused(large: Pixels, file_of: FileOf) -> None:
    file = bytearray(file_of(large, "JPEG"))
    middle = len(file) // 2
    file[middle : middle + 400] = np.random.default_rng(0).integers(0, 255, 400, dtype=np.uint8).tobytes()
    with pytest.raises(TruncatedPhotoError, match="spoilt inside"):
        read_photo(bytes(file))


def test_a_jpeg_without_tables_is_refused(photo: Pixels, file_of: FileOf) -> None:
    with pytest.raises(TruncatedPhotoError):
        read_photo(without_segment(file_of(photo, "JPEG"), 0xDB))


@pytest.mark.parametrize(
    "file", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xd9", b"\xff\xd8" + b"\xff" * 50]
)
def test_a_jpeg_of_a_few_bytes_is_refused(file: bytes) -> None:
    with pytest.raises(TruncatedPhotoError):
        read_photo(file)


def test_extra_bytes_before_the_end_are_harmless(photo: Pixels, file_of: FileOf) -> None:
    """As some phones write them; libjpeg warns, and the picture is whole."""
    file = file_of(photo, "JPEG")
    padded = file[:-2] + bytes(64) + file[-2:]
    with pytest.raises(ValueError, match="extraneous bytes"):
        simplejpeg.decode_jpeg(padded, strict=True)
    assert np.abs(read_photo(padded).astype(int) - read_photo(file)).max() <= 1


def test_extra_bytes_do_not_hide_that_a_file_breaks_off(large: Pixels, file_of: FileOf) -> None:
    """Bytes before a restart marker give a harmless warning first; the break comes later."""
    file = file_of(large, "JPEG", restart_marker_rows=1)
    at = file.index(b"\xff\xd1")
    with pytest.raises(TruncatedPhotoError):
        read_photo(file[:at] + bytes(64) + file[at:-5000])


def test_multi_picture_and_motion_photos(photo: Pixels, file_of: FileOf) -> None:
    first, second = Image.fromarray(photo), Image.fromarray(255 - photo)
    several = file_of(first, "MPO", save_all=True, append_images=[second])
    alone = read_photo(file_of(first, "JPEG"))
    assert np.array_equal(read_photo(several), alone)
    video = b"\0\0\0\x18ftypmp42" + np.random.default_rng(0).integers(0, 255, 50_000, dtype=np.uint8).tobytes()
    assert np.array_equal(read_photo(several + video), alone)
    with pytest.raises(TruncatedPhotoError):
        read_photo(file_of(first, "JPEG")[:-200])


def test_a_thumbnail_inside_is_not_taken_for_the_photo(photo: Pixels, file_of: FileOf) -> None:
    thumbnail = file_of(np.ascontiguousarray(255 - photo[::4, ::4]), "JPEG")
    file = file_of(photo, "JPEG")
    with_thumbnail = file[:2] + segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0" + thumbnail) + file[2:]
    assert np.array_equal(read_photo(with_thumbnail), read_photo(file))


def test_fill_bytes_before_a_marker(photo: Pixels, file_of: FileOf) -> None:
    file = file_of(photo, "JPEG")
    exif = segment(0xE1, b"Exif\0\0MM\0*" + struct.pack(">IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0))
    assert JpegHeader.of(file[:2] + b"\xff\xff\xff" + exif + file[2:]).orientation == 6


def test_the_header_of_a_jpeg(photo: Pixels, file_of: FileOf) -> None:
    plain, progressive = (file_of(photo, "JPEG", progressive=flag) for flag in (False, True))
    assert JpegHeader.of(plain).progressive is False
    assert JpegHeader.of(progressive).progressive is True
    assert JpegHeader.of(plain).orientation == 1
    assert plain[: JpegHeader.of(plain).scan].endswith(b"\xff\xda\x00\x0c")


def test_scans_without_end_are_refused(photo: Pixels, file_of: FileOf) -> None:
    file = file_of(photo, "JPEG", progressive=True)
    last = file.rindex(b"\xff\xda")
    assert read_photo(file).shape == photo.shape
    with pytest.raises(PhotoError, match=f"is a JPEG of [0-9]+ scans, at most {MOST_SCANS} are decoded"):
        read_photo(file[:-2] + file[last:-2] * MOST_SCANS + file[-2:])


def test_too_many_pixels_are_refused_by_the_header(photo: Pixels, file_of: FileOf) -> None:
    file = bytearray(file_of(photo, "JPEG"))
    frame = file.index(b"\xff\xc0")
    file[frame + 5 : frame + 9] = struct.pack(">HH", 8000, 8001)
    with pytest.raises(TooManyPixelsError, match=r"64,008,000 pixels \(8001 x 8000\), at most 64 megapixels"):
        read_photo(bytes(file), short_side=100)


@pytest.mark.parametrize("quality", [1, 50, 95])
def test_encodes_what_it_reads(photo: Pixels, quality: int) -> None:
    file = encode_jpeg(photo, quality)
    assert np.abs(read_photo(file).astype(int) - photo).mean() < {1: 40, 50: 4, 95: 2}[quality]
    assert len(encode_jpeg(photo, 1)) < len(encode_jpeg(photo)) < len(encode_jpeg(photo, 100))


def test_encodes_colour_at_half_resolution(photo: Pixels) -> None:
    assert simplejpeg.decode_jpeg_header(encode_jpeg(photo)) == (96, 128, "YCbCr", "420")


def test_encodes_a_part_of_a_photo(photo: Pixels) -> None:
    part = photo[10:60, 20:90]
    assert encode_jpeg(part) == encode_jpeg(part.copy())


@pytest.mark.parametrize("quality", [0, 101])
def test_refuses_a_quality_out_of_range(photo: Pixels, quality: int) -> None:
    with pytest.raises(PhotoError, match=f"JPEG quality {quality}: give 1 .* to 100"):
        encode_jpeg(photo, quality)


def test_refuses_to_encode_what_does_not_fit() -> None:
    with pytest.raises(PhotoError, match="70000 x 1 px does not fit a JPEG"):
        encode_jpeg(np.zeros((1, 70_000, 3), np.uint8))
    with pytest.raises(NotAPhotoError, match="float32"):
        encode_jpeg(np.zeros((4, 4, 3), np.float32))
