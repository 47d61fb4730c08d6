from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import NotAPhotoError, PhotoError, TruncatedPhotoError
from shibuya_optics.photo import read_photo

Pixels = NDArray[np.uint8]
FileOf = Callable[..., bytes]
# How far a lossy format may be from the picture, in levels on average; GIF has 256 colours.
LOSS = {"JPEG": 3.0, "PNG": 0.0, "WEBP": 4.0, "HEIC": 4.0, "AVIF": 3.0, "BMP": 0.0, "TIFF": 0.0, "GIF": 8.0}


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("format_name", LOSS)
def test_opens_every_format(photo: Pixels, file_of: FileOf, format_name: str) -> None:
    read = read_photo(file_of(photo, format_name))
    assert read.dtype == np.uint8
    assert read.shape == (96, 128, 3)
    assert read.flags.c_contiguous
    assert difference(read, photo) <= LOSS[format_name]


@pytest.mark.parametrize("format_name", LOSS)
def test_believes_the_bytes_not_the_suffix(photo: Pixels, file_of: FileOf, format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.txt"
    path.write_bytes(file_of(photo, format_name))
    assert np.array_equal(read_photo(path), read_photo(path.read_bytes()))


@pytest.mark.parametrize("format_name", LOSS)
def test_a_file_that_breaks_off_is_refused_or_shows_the_whole_picture(
    photo: Pixels, file_of: FileOf, format_name: str
) -> None:
    """PNG and GIF end in a few bytes that hold no pixels; without them nothing of the picture is missing."""
    file = file_of(photo, format_name)
    whole = read_photo(file)
    refused = 0
    for end in [*range(16, len(file) - 16, max(1, len(file) // 60)), *range(len(file) - 16, len(file))]:
        try:
            assert np.array_equal(read_photo(file[:end]), whole), f"cut to {end} of {len(file)} bytes"
        except TruncatedPhotoError:
            refused += 1
    assert refused >= 55


@pytest.mark.parametrize("format_name", LOSS)
def test_half_a_file_is_refused_in_one_line(photo: Pixels, file_of: FileOf, format_name: str) -> None:
    file = file_of(photo, format_name)
    with pytest.raises(
        TruncatedPhotoError, match=r"^milk\.bin is a damaged .*copy or download it again.*\.$"
    ) as caught:
        read_photo(file[: len(file) // 2], name="milk.bin")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format_name", LOSS)
def test_bytes_behind_the_picture_do_not_matter(photo: Pixels, file_of: FileOf, format_name: str) -> None:
    file = file_of(photo, format_name)
    assert np.array_equal(read_photo(file + b"\0junk" * 100), read_photo(file))


def test_the_first_picture_of_several_is_read(photo: Pixels, file_of: FileOf) -> None:
    first, second = Image.fromarray(photo).quantize(32), Image.fromarray(255 - photo).quantize(32)
    alone = read_photo(file_of(first, "GIF"))
    assert np.array_equal(read_photo(file_of(first, "GIF", save_all=True, append_images=[second])), alone)
    pages = file_of(photo, "TIFF", save_all=True, append_images=[Image.fromarray(255 - photo)])
    assert np.array_equal(read_photo(pages), photo)


def test_a_short_side_below_one_is_refused(photo: Pixels, file_of: FileOf) -> None:
    with pytest.raises(PhotoError, match="short_side 0 px: give 1 or more"):
        read_photo(file_of(photo, "JPEG"), short_side=0)


@pytest.mark.parametrize("format_name", LOSS)
def test_never_below_the_short_side(photo: Pixels, file_of: FileOf, format_name: str) -> None:
    assert min(read_photo(file_of(photo, format_name), short_side=32).shape[:2]) >= 32


def test_what_is_no_photo_at_all_is_refused() -> None:
    with pytest.raises(NotAPhotoError, match="list is no photo: give a path, bytes, a binary file object, a NumPy"):
        read_photo([1, 2])  # type: ignore[arg-type]


def test_importing_and_reading_a_jpeg_loads_no_other_decoder(photo: Pixels, file_of: FileOf, tmp_path: Path) -> None:
    """`optics identify` waits for every module that is loaded: PIL's plugins cost 10 ms, pillow-heif 20 ms."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(file_of(photo, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"))
    code = (
        "import sys; from shibuya_optics.photo import read_photo; read_photo(sys.argv[1], short_side=32);"
        "print([m for m in ('PIL.JpegImagePlugin', 'PIL.TiffImagePlugin', 'pillow_heif', 'torch') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_pillow_may_not_warn_the_caller(photo: Pixels, file_of: FileOf) -> None:
    """Warnings are errors in these tests; Pillow warns of a TIFF tag that is longer than the file."""
    file = bytearray(file_of(photo, "TIFF"))
    at = file.index(b"\x02\x01\x03\x00")  # tag 258, of type SHORT
    file[at + 4 : at + 8] = (10**6).to_bytes(4, "little")
    with pytest.raises(PhotoError):
        read_photo(bytes(file))
    with pytest.warns(UserWarning, match="Tag data|file|truncated|tag"), pytest.raises(Exception, match="image"):
        Image.open(BytesIO(file)).load()
