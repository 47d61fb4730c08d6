"""Photos as they are given to a recogniser: one or several, opened, or with the error in the place of the photo that has one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.errors import PhotoError
from shibuya_optics.photo import HeldPhoto, PhotoSource, hold_photo

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A photo, and its pixels as looking needs them; reading and scanning decode it at sizes of their own."""

    held: HeldPhoto
    pixels: Pixels


def opened(photo: PhotoSource, contract: InputContract) -> Opened:
    """A photo, decoded as a network's contract asks.

    Raises:
        PhotoError: it cannot be read.
    """
    held = hold_photo(photo)
    return Opened(held, held.pixels(contract.resize))


def opened_or_error(photo: PhotoSource | PhotoError, contract: InputContract) -> Opened | PhotoError:
    """As `opened`, with the error in its place; an error given, of a photo that could not even be fetched, is handed through."""
    if isinstance(photo, PhotoError):
        return photo
    try:
        return opened(photo, contract)
    except PhotoError as error:
        return error


def or_raise(answer: Said | PhotoError) -> Said:
    """What was said of a photo.

    Raises:
        PhotoError: it is one.
    """
    if isinstance(answer, PhotoError):
        raise answer
    return answer


def several(photos: Iterable[PhotoSource]) -> Iterable[PhotoSource]:
    """The photos; one photo alone, easily given by mistake, is not taken apart into letters, bytes or rows."""
    alone = isinstance(photos, (str, bytes, bytearray, memoryview, os.PathLike)) or hasattr(photos, "read")
    if alone or (isinstance(photos, np.ndarray) and photos.ndim < 4):
        return [cast("PhotoSource", photos)]
    return photos
