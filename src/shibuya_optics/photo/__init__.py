"""Any photo, from anywhere, as upright RGB pixels `uint8 (height, width, 3)`; and the limits of what is read.

`read_photo` takes a path, `-` for standard input, bytes, a file object, a NumPy array or a PIL image, and opens JPEG,
PNG, WebP, HEIC, AVIF, BMP, TIFF and GIF (first frame). What cannot be used is refused with a `PhotoError` that says why.
"""

from __future__ import annotations

from shibuya_optics.photo.folder import PHOTO_SUFFIXES, find_photos, hash_of_photos
from shibuya_optics.photo.jpeg import encode_jpeg
from shibuya_optics.photo.limits import MOST_BYTES, MOST_PIXELS, Pixels
from shibuya_optics.photo.read import HeldPhoto, PhotoSource, hold_photo, read_photo

__all__ = [
    "MOST_BYTES",
    "MOST_PIXELS",
    "PHOTO_SUFFIXES",
    "HeldPhoto",
    "PhotoSource",
    "Pixels",
    "encode_jpeg",
    "find_photos",
    "hash_of_photos",
    "hold_photo",
    "read_photo",
]
