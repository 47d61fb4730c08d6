"""Whatever is done to a photo's file, it is read or refused with an error that says why; never anything else."""

from __future__ import annotations

from io import BytesIO
from math import ceil
from typing import Any

import numpy as np
import pillow_heif
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import PhotoError
from shibuya_optics.photo import encode_jpeg, read_photo
from shibuya_optics.photo.orientation import exif_orientation, upright

Pixels = NDArray[np.uint8]


def small_files() -> list[bytes]:
    """One small file of each format and of its common variants."""
    blobs = np.random.default_rng(5).integers(0, 255, (5, 6, 3), dtype=np.uint8)
    photo = Image.fromarray(blobs).resize((48, 40), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    written: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (photo, "JPEG", {"exif": exif}),
        (photo, "JPEG", {"progressive": True}),
        (photo.convert("CMYK"), "JPEG", {}),
        (photo, "MPO", {"save_all": True, "append_images": [photo]}),
        (photo, "PNG", {"exif": exif}),
        (photo.quantize(16), "PNG", {"transparency": 2}),
        (Image.fromarray(np.asarray(photo)[..., 0].astype(np.uint16) << 8), "PNG", {}),
        (photo, "WEBP", {"exif": exif}),
        (photo.convert("RGBA"), "WEBP", {"lossless": True}),
        (photo, "AVIF", {}),
        (photo, "BMP", {}),
        (photo.quantize(16), "BMP", {}),
        (photo, "TIFF", {"exif": exif}),
        (photo, "TIFF", {"compression": "tiff_lzw"}),
        (photo, "GIF", {"save_all": True, "append_images": [photo.rotate(90)]}),
    ]
    files = []
    for picture, format_name, options in written:
        file = BytesIO()
        picture.save(file, format_name, **options)
        files.append(file.getvalue())
    file = BytesIO()
    pillow_heif.from_pillow(photo).save(file, exif=exif.tobytes())
    return [*files, file.getvalue()]


FILES = small_files()
PHOTOS = st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**32 - 1)).map(
    lambda drawn: np.random.default_rng(drawn[2]).integers(0, 256, (*drawn[:2], 3), dtype=np.uint8)
)


@st.composite
def spoilt_files(draw: st.DrawFn) -> bytes:
    """A file cut, and with some of its bytes changed, put in or taken out."""
    file = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(0, 6))):
        # Half of the changes hit the header, where they do most.
        at = draw(st.integers(0, min(len(file) - 1, 200) if draw(st.booleans()) else len(file) - 1))
        taken = draw(st.integers(0, 8))
        file[at : at + taken] = draw(st.binary(max_size=8))
        if not file:
            return b""
    return bytes(file[: draw(st.integers(0, len(file)))]) if draw(st.booleans()) else bytes(file)


def read_or_refusal(file: bytes, short_side: int | None) -> tuple[Pixels | None, str]:
    try:
        return read_photo(file, short_side=short_side), ""
    except PhotoError as error:
        return None, str(error)


def check_read_or_refused(file: bytes, short_side: int | None) -> None:
    photo, message = read_or_refusal(file, short_side)
    assert message.isprintable()
    assert (photo is None) == bool(message)
    if photo is None:
        return
    assert photo.dtype == np.uint8
    assert photo.ndim == 3
    assert photo.shape[2] == 3
    assert min(photo.shape) >= 1
    assert photo.flags.c_contiguous


@given(file=spoilt_files(), short_side=st.none() | st.integers(1, 64))
@settings(max_examples=400)
def test_a_spoilt_file_is_read_or_refused(file: bytes, short_side: int | None) -> None:
    check_read_or_refused(file, short_side)


@given(start=st.sampled_from([file[:16] for file in FILES]), rest=st.binary(max_size=64))
def test_a_good_start_promises_nothing(start: bytes, rest: bytes) -> None:
    check_read_or_refused(start + rest, None)


@given(file=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(file: bytes) -> None:
    check_read_or_refused(file, None)


@given(block=st.binary(max_size=64), order=st.sampled_from([b"II*\0", b"MM\0*"]))
def test_any_exif_block_is_survived(block: bytes, order: bytes) -> None:
    assert isinstance(exif_orientation(order + block), int | None)


@given(photo=PHOTOS, orientation=st.integers(1, 8))
def test_turning_is_undone_by_its_opposite(photo: Pixels, orientation: int) -> None:
    opposite = {6: 8, 8: 6}.get(orientation, orientation)
    assert np.array_equal(upright(upright(photo, orientation), opposite), photo)


@given(photo=PHOTOS, orientation=st.integers(1, 8))
def test_turning_moves_pixels_and_changes_none(photo: Pixels, orientation: int) -> None:
    before, after = (np.sort(pixels.reshape(-1, 3), axis=0) for pixels in (photo, upright(photo, orientation)))
    assert np.array_equal(before, after)


@given(photo=PHOTOS, format_name=st.sampled_from(["PNG", "BMP", "TIFF"]))
def test_lossless_files_give_back_the_photo(photo: Pixels, format_name: str) -> None:
    file = BytesIO()
    Image.fromarray(photo).save(file, format_name)
    assert np.array_equal(read_photo(file.getvalue()), photo)


@given(photo=PHOTOS)
def test_what_is_encoded_is_read_in_its_size(photo: Pixels) -> None:
    assert read_photo(encode_jpeg(photo)).shape == photo.shape


@given(height=st.integers(1, 300), width=st.integers(1, 300), short_side=st.integers(1, 400))
def test_a_scaled_photo_is_never_below_the_short_side(height: int, width: int, short_side: int) -> None:
    read = read_photo(encode_jpeg(np.full((height, width, 3), 128, np.uint8)), short_side=short_side)
    assert min(read.shape[:2]) >= min(height, width, short_side)
    scaled = [(ceil(height * eighths / 8), ceil(width * eighths / 8)) for eighths in (1, 2, 3, 4, 8)]
    assert read.shape[:2] in scaled
