from __future__ import annotations

import pytest

from shibuya_optics.errors import NotAPhotoError
from shibuya_optics.photo import read_photo
from shibuya_optics.photo.formats import format_of


def box(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WEBP"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "BMP"),
        (box(b"heic", b"mif1"), "HEIC"),
        (box(b"mif1", b"heic"), "HEIC"),
        (box(b"avif", b"mif1"), "AVIF"),
        (box(b"mif1", b"miaf", b"avif"), "AVIF"),
    ],
)
def test_knows_a_format_by_its_first_bytes(data: bytes, expected: str) -> None:
    assert format_of(data, "x") == expected


def test_says_how_a_file_starts_that_is_no_image() -> None:
    with pytest.raises(NotAPhotoError) as caught:
        read_photo(b"# shibuya-optics\n\nTeach it", name="README.md")
    assert str(caught.value) == (
        "README.md is not an image: it starts with '# shib'; give a JPEG, PNG, WebP, HEIC, BMP, TIFF or GIF file."
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\n <!DOCTYPE html><html>", "a web page: it starts with '\\n <!DO'"),
        (b"\xef\xbb\xbf<html>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04", "a zip file"),
        (box(b"isom", b"mp42"), "a video or sound"),
        (b"\x1aE\xdf\xa3", "a video"),
        (b"\0\0\0\x0cJXL \r\n", "a JPEG XL image"),
    ],
)
def test_names_what_a_file_is_instead(data: bytes, what: str) -> None:
    with pytest.raises(NotAPhotoError) as caught:
        format_of(data, "x")
    assert f"x is not an image that is read, but {what}" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (bytes(9), r"b'\x00\x00\x00\x00\x00\x00'"),
        (b"BMW is a car, and no bitmap", "'BMW is'"),
        ("été en France".encode(), "'été '"),
        (b"\xff", r"b'\xff'"),
        (b"RIFF\x10\0\0\0WAVE", r"b'RIFF\x10\x00'"),
    ],
)
def test_shows_the_start_as_text_or_as_bytes(data: bytes, start: str) -> None:
    with pytest.raises(NotAPhotoError) as caught:
        format_of(data, "x")
    assert f"x is not an image: it starts with {start}; give" in str(caught.value)
