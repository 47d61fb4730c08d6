"""The photos in a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from shibuya_optics.errors import PhotoError, PhotoNotFoundError
from shibuya_optics.photo.formats import ACCEPTED

PHOTO_SUFFIXES = frozenset(
    (
        ".avif",
        ".bmp",
        ".gif",
        ".heic",
        ".heif",
        ".hif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
    )
)


def find_photos(path: str | os.PathLike[str]) -> list[Path]:
    """The photo files in a folder and in those below it, sorted; a file gives itself.

    Files are chosen by suffix, in either case; hidden files and folders are left out.

    Raises:
        PhotoNotFoundError: there is no such path, or the folder holds no photo.
        PhotoError: a folder cannot be opened.
    """
    root = Path(path)
    if not root.is_dir():
        if root.exists():
            return [root]
        raise PhotoNotFoundError(f"there is no file or folder {str(root)!r}: check the path.")
    found = []
    for folder, below, files in os.walk(root, onerror=_refuse):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [Path(folder, name) for name in files if _is_photo(name)]
    if not found:
        raise PhotoNotFoundError(f"there is no photo in the folder {str(root)!r}: put {ACCEPTED} files there.")
    return sorted(found)


def hash_of_photos(paths: Iterable[Path]) -> str:
    """SHA-256, 64 hex digits, of the contents of photo files, whatever their names and order.

    Raises:
        PhotoError: a file cannot be read.
    """
    try:
        each = sorted(hashlib.sha256(path.read_bytes()).digest() for path in paths)
    except OSError as error:
        raise PhotoError(f"{error.filename} cannot be read ({error.strerror}): check the file.") from error
    return hashlib.sha256(b"".join(each)).hexdigest()


def _is_photo(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in PHOTO_SUFFIXES


def _refuse(error: OSError) -> NoReturn:
    raise PhotoError(f"the folder {error.filename!r} cannot be opened ({error.strerror}): check its rights.") from error
