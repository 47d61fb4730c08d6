"""What the first bytes of a file say that it is; names and suffixes are not believed."""

from __future__ import annotations

from shibuya_optics.errors import NotAPhotoError

ACCEPTED = "JPEG, PNG, WebP, HEIC, BMP, TIFF or GIF"
_BMP_HEADER_SIZES = {12, 16, 40, 52, 56, 64, 108, 124}
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_OTHERS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<head", "a web page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG document"),
    (b"%pdf", "a PDF document"),
    (b"pk\x03\x04", "a zip file"),
    (b"\x1aE\xdf\xa3".lower(), "a video"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cjxl ", "a JPEG XL image"),
    (b"\0\0\0\x0cjp  ", "a JPEG 2000 image"),
    (b"8bps", "a Photoshop document"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
_AVIF_BRANDS = {b"avif", b"avis"}


def format_of(data: bytes, name: str) -> str:
    """The format of an image, as Pillow calls it, and `HEIC`.

    Raises:
        NotAPhotoError: it is none of those that are read; the message says how it starts.
    """
    for signature, found in _SIGNATURES:
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    brands = _brands(data)
    # AVIF first: its files may also carry the brand mif1, which says no more than "still image".
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    other = "a video or sound" if brands else _other(data)
    raise NotAPhotoError(
        f"{name} is not an image{f' that is read, but {other}' if other else ''}: "
        f"it starts with {_start(data)}; give a {ACCEPTED} file."
    )


def _brands(data: bytes) -> set[bytes]:
    """The brands of an ISO media file (HEIC, AVIF, MP4): the major one and the compatible ones."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), len(data), 256)
    return {data[8:12]} | {data[at : at + 4] for at in range(16, end, 4)}


def _other(data: bytes) -> str | None:
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    return next((what for signature, what in _OTHERS if start.startswith(signature)), None)


def _start(data: bytes) -> str:
    head = data[:6]
    text = head.decode("utf-8", errors="ignore")
    readable = len(text) > 0 and all(character.isprintable() or character.isspace() for character in text)
    return repr(text) if readable else repr(head)
