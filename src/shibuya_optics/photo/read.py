"""One photo from anywhere, as pixels."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import PhotoError
from shibuya_optics.photo.arrays import photo_array
from shibuya_optics.photo.formats import format_of
from shibuya_optics.photo.jpeg import read_jpeg
from shibuya_optics.photo.limits import Pixels
from shibuya_optics.photo.pillow import read_pillow_image, read_with_pillow
from shibuya_optics.photo.sources import load, one_line

PhotoSource = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | NDArray[np.uint8] | Image.Image


def read_photo(source: PhotoSource, *, short_side: int | None = None, name: str | None = None) -> Pixels:
    """A photo as upright RGB pixels, `uint8 (height, width, 3)`, 0 to 255, C-contiguous. Treat them as read-only.

    Turned by the EXIF orientation, transparent parts on white, 16 bits scaled to 8, CMYK converted, of several pictures
    the first. An array is taken as RGB (grey, RGBA) that is upright already, and shares its memory when it is RGB.

    Args:
        source: a path, `-` for standard input, the bytes of a file, a binary file object, a NumPy array, a PIL image.
        short_side: a hint, px: a JPEG more than twice as large may come scaled down, never below this short side.
        name: what to call the photo in error messages; by default its path.

    Raises:
        PhotoNotFoundError: there is no such file.
        EmptyPhotoError: it holds no bytes, or no pixels.
        NotAPhotoError: it is of no format that is read, a folder, or no such object.
        TruncatedPhotoError: it starts well and breaks off, or is damaged.
        TooManyPixelsError, TooManyBytesError: it is over 64 megapixels or 64 MB; known before it is decoded or read.
        PhotoError: it cannot be read for another reason, such as its rights.
    """
    return hold_photo(source, name=name).pixels(short_side)


@dataclass(frozen=True, slots=True, eq=False)
class HeldPhoto:
    """A photo that was fetched once, and may be decoded several times, at several sizes.

    Attributes:
        content: the bytes of a file, or pixels that were given as such.
        name: what it is called in error messages.
    """

    content: bytes | NDArray[np.uint8] | Image.Image = field(repr=False)
    name: str

    def pixels(self, short_side: int | None = None) -> Pixels:
        """As `read_photo`.

        Raises:
            PhotoError: as `read_photo`.
        """
        if short_side is not None and short_side < 1:
            raise PhotoError(f"short_side {short_side} px: give 1 or more, or None for the full size.")
        if isinstance(self.content, np.ndarray):
            return photo_array(self.content, self.name)
        if isinstance(self.content, Image.Image):
            return read_pillow_image(self.content, self.name)
        format_name = format_of(self.content, self.name)
        if format_name == "JPEG":
            return read_jpeg(self.content, self.name, short_side)
        return read_with_pillow(self.content, format_name, self.name)


def hold_photo(source: PhotoSource, *, name: str | None = None) -> HeldPhoto:
    """A photo with its bytes fetched; it is not decoded, and may turn out to be none.

    Args:
        source: as of `read_photo`.
        name: as of `read_photo`.

    Raises:
        PhotoError: there is nothing to fetch, or it is too large.
    """
    if isinstance(source, np.ndarray):
        return HeldPhoto(source, one_line(name or "the array"))
    if isinstance(source, Image.Image):
        return HeldPhoto(source, one_line(name or "the image"))
    return HeldPhoto(*load(source, name))
