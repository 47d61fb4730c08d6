"""The bytes of a photo, from a path, standard input, a file object or memory: never more than the limit is read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any, BinaryIO

from shibuya_optics.errors import NotAPhotoError, PhotoError, PhotoNotFoundError
from shibuya_optics.photo.limits import MOST_BYTES, check_bytes

STANDARD_INPUT = "-"
_STEP = 1 << 22
BytesSource = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO


def load(source: BytesSource, name: str | None) -> tuple[bytes, str]:
    """The bytes of a source, and what to call it in messages.

    Raises:
        PhotoError: there is nothing there, or it cannot be read; the class says which.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        shown = one_line(name or "the photo")
        check_bytes(shown, memoryview(source).nbytes)
        return bytes(source), shown
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        if not path:
            raise PhotoNotFoundError("the path is empty: give the path of a photo.")
        if path == STANDARD_INPUT:
            return _read_standard_input(one_line(name or "standard input"))
        return _read_file(path, one_line(name or path))
    if callable(getattr(source, "read", None)):
        named = getattr(source, "name", None)
        return _read_stream(source, one_line(name or (named if isinstance(named, str) else "the stream")))
    raise NotAPhotoError(
        f"{type(source).__name__} is no photo: give a path, bytes, a binary file object, a NumPy array or a PIL image."
    )


def one_line(name: str) -> str:
    """A name that is safe to print: escaped where it holds line ends, control characters or broken Unicode."""
    return name if name.isprintable() else repr(name)


def _read_standard_input(name: str) -> tuple[bytes, str]:
    stdin: Any = getattr(sys.stdin, "buffer", sys.stdin)
    if stdin is None:
        raise PhotoNotFoundError(f"{name} is closed: pipe a photo into it.")
    return _read_stream(stdin, name)


def _read_file(path: str, name: str) -> tuple[bytes, str]:
    try:
        with Path(path).open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return _read_stream(file, name)
            check_bytes(name, status.st_size)
            # One byte more than the file has: one read gets it all, and a file that grows meanwhile is still whole.
            return _read_stream(file, name, step=status.st_size + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a null character in the path
        raise PhotoNotFoundError(f"there is no file {name}: check the path.") from error
    except OSError as error:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where the path is too long
            raise NotAPhotoError(f"{name} is a folder, not a photo: give the photo files in it.") from error
        raise PhotoError(
            f"{name} cannot be read ({error.strerror or error}): check the file and its rights."
        ) from error


def _read_stream(stream: BinaryIO, name: str, step: int = _STEP) -> tuple[bytes, str]:
    parts: list[bytes] = []
    size = 0
    while size <= MOST_BYTES:
        part = _read_part(stream, name, min(step, MOST_BYTES + 1 - size))
        if not part:
            break
        parts.append(part)
        size += len(part)
    check_bytes(name, size)
    return parts[0] if len(parts) == 1 else b"".join(parts), name


def _read_part(stream: BinaryIO, name: str, most: int) -> bytes:
    try:
        part = stream.read(most)
    except (OSError, ValueError) as error:  # ValueError: the stream is closed
        raise PhotoError(
            f"{name} cannot be read ({error}): give a file, or a binary file object that is open."
        ) from error
    if not isinstance(part, bytes):
        raise PhotoError(f"{name} gives {type(part).__name__}, not bytes: open it as a binary file, with 'rb'.")
    return part
