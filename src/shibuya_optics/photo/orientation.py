"""Which way up a photo is: EXIF (and XMP) orientation, 1 to 8, and turning pixels by it."""

from __future__ import annotations

import re
import struct

import numpy as np

from shibuya_optics.photo.limits import Pixels

ORIENTATION_TAG = 0x0112
_LONG = 4
_BYTE_ORDERS = {b"II": "<", b"MM": ">"}
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


def exif_orientation(exif: bytes) -> int | None:
    """The orientation in an EXIF block (a TIFF header and its directories); None where there is none, or it is damaged.

    Pillow would read the whole block for it, and import its TIFF reader: 10 ms at a cold start, this none.
    """
    order = _BYTE_ORDERS.get(exif[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(f"{order}4xI", exif)
        (entries,) = struct.unpack_from(f"{order}H", exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * entries, 12):
            tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
            if tag == ORIENTATION_TAG:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == _LONG else 'H'}", exif, entry + 8)
                return int(value)
    except struct.error:
        return None
    return None


def xmp_orientation(xmp: bytes) -> int | None:
    """The orientation in an XMP packet; None where there is none."""
    found = _XMP_ORIENTATION.search(xmp)
    return int(found[1]) if found else None


def upright(pixels: Pixels, orientation: object) -> Pixels:
    """Pixels `uint8 (height, width, 3)` as stored, turned so that they stand as they were seen; C-contiguous.

    Orientation is that of EXIF 2.32, tag 0x0112; anything other than 2 to 8 leaves the pixels as they are.
    """
    if orientation not in range(2, 9):
        return np.ascontiguousarray(pixels)
    # A pixel as one item of 3 bytes: turning a large photo takes half the time of turning three separate channels.
    whole = np.ascontiguousarray(pixels).view("V3")[..., 0]
    if orientation in {5, 6, 7, 8}:
        whole = whole.T
    if orientation in {3, 4, 7, 8}:
        whole = whole[::-1]
    if orientation in {2, 3, 6, 7}:
        whole = whole[:, ::-1]
    return np.ascontiguousarray(whole).view(np.uint8).reshape(*whole.shape, 3)
