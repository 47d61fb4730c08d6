"""JPEG, by libjpeg-turbo: scaled while decoding, which is several times faster than decoding and then scaling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import simplejpeg

from shibuya_optics.errors import PhotoError, TruncatedPhotoError
from shibuya_optics.photo.arrays import photo_array
from shibuya_optics.photo.limits import Pixels, check_pixels
from shibuya_optics.photo.orientation import exif_orientation, upright, xmp_orientation
from shibuya_optics.photo.pillow import read_with_pillow

MOST_SCANS = 100
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_START_OF_SCAN, _END, _APP1, _APP14 = 0xDA, 0xD9, 0xE1, 0xEE
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
# libjpeg's words for damage that shows in the picture. Its other warnings (bytes between segments, an unknown version,
# a broken colour profile) are common in phone photos and harmless.
_DAMAGE = ("Premature end", "premature end", "bad Huffman code", "bad arithmetic code", "instead of RST")


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before a JPEG's first scan, beside its size.

    Attributes:
        orientation: 1 to 8, or what the file says instead; 1 where it says nothing.
        adobe: whether it carries Adobe's marker, which means that its CMYK is stored inverted.
        progressive: whether it may hold many scans.
        scan: where the first scan starts, in bytes.
    """

    orientation: int
    adobe: bool
    progressive: bool
    scan: int

    @classmethod
    def of(cls, data: bytes) -> JpegHeader:
        """The header of a JPEG file; what is damaged counts as not there."""
        exif = xmp = None
        adobe = progressive = False
        scan = len(data)
        for marker, start, end in _segments(data):
            if marker == _APP1 and exif is None and data.startswith(_EXIF, start):
                exif = exif_orientation(data[start + len(_EXIF) : end])
            elif marker == _APP1 and xmp is None and data.startswith(_XMP, start):
                xmp = xmp_orientation(data[start + len(_XMP) : end])
            adobe |= marker == _APP14 and data.startswith(b"Adobe", start)
            progressive |= marker in _PROGRESSIVE
            scan = start
        return cls(exif or xmp or 1, adobe, progressive, scan)


def read_jpeg(data: bytes, name: str, short_side: int | None) -> Pixels:
    """The pixels of a JPEG, upright; scaled down to no less than `short_side` px when it is given.

    Raises:
        TruncatedPhotoError: the file breaks off, or is damaged where it shows.
        TooManyPixelsError: it is too large.
    """
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError):  # KeyError: the file breaks off before it says its colours
        return read_with_pillow(data, "JPEG", name, short_side)
    check_pixels(name, int(width), int(height))
    header = JpegHeader.of(data)
    _check_scans(data, header, name)
    if colours == "CMYK" and not header.adobe:
        return read_with_pillow(data, "JPEG", name, short_side)
    least = short_side or 0
    try:
        # Scales between 1/2 and 1 are slower than no scaling, hence min_factor.
        pixels = simplejpeg.decode_jpeg(data, "RGB", min_height=least, min_width=least, min_factor=2 if least else 1)
    except ValueError as error:
        if any(words in str(error) for words in _DAMAGE):
            raise TruncatedPhotoError(
                f"{name} is a damaged JPEG ({error}): it breaks off or is spoilt inside; copy or download it again."
            ) from error
        return read_with_pillow(data, "JPEG", name, short_side)
    return upright(pixels, header.orientation)


def encode_jpeg(photo: Pixels, quality: int = 90) -> bytes:
    """A photo `uint8 (height, width, 3)` RGB as JPEG bytes, colour at half resolution. Quality: 1 to 100, 100 the best.

    Raises:
        PhotoError: it is no photo, a side is over 65,500 px, or the quality is out of range.
    """
    if not 1 <= quality <= 100:
        raise PhotoError(f"JPEG quality {quality}: give 1 (smallest file) to 100 (best picture).")
    pixels = photo_array(photo, "the photo")
    try:
        return bytes(simplejpeg.encode_jpeg(pixels, quality=quality, colorspace="RGB", colorsubsampling="420"))
    except ValueError as error:
        height, width = pixels.shape[:2]
        raise PhotoError(
            f"a photo of {width} x {height} px does not fit a JPEG ({error}): 65,500 px a side."
        ) from error


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the content of each segment up to and with the first scan's header."""
    at = 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2
        if marker in {0x00, 0xFF} or marker in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        yield marker, at + 2, at + length
        if marker in {_START_OF_SCAN, _END}:
            return
        at += length


def _check_scans(data: bytes, header: JpegHeader, name: str) -> None:
    """Refuse a progressive JPEG with scans without end: each costs a walk over all pixels, so a small file costs minutes.

    A real one has about ten. The bytes of a scan never look like a marker, so that counting is exact.
    """
    if not header.progressive:
        return
    end = data.find(b"\xff\xd9", header.scan)
    scans = data.count(b"\xff\xda", header.scan, end if end >= 0 else len(data)) + 1
    if scans > MOST_SCANS:
        raise PhotoError(f"{name} is a JPEG of {scans} scans, at most {MOST_SCANS} are decoded: save it again.")
