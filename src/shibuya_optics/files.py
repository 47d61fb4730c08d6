"""Files that are whole or not there: what a crash leaves is the old file or the new one, never half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside the target for the block to write to; at its good end, that file is on disk and takes the place.

    When the block raises, what it wrote is removed and the target stands as it was.

    Raises:
        OSError: the file cannot be written, or its folder is not there.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def alone_in(folder: Path, *, wait: bool) -> Iterator[None]:
    """Keep other processes that ask for the same out of a folder for the length of the block; the system lets go when this one dies.

    On Windows nothing is kept apart.

    Args:
        folder: it must not be removed in the block.
        wait: until another process has left, in the place of an error.

    Raises:
        BlockingIOError: another process is in it, and waiting was not asked for.
        OSError: there is no such folder.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Write a whole file, or none.

    Raises:
        OSError: the file cannot be written, or its folder is not there.
    """
    with replacing(path) as part:
        part.write_bytes(data)


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document, indented, whole or not at all.

    Raises:
        OSError: the file cannot be written, or its folder is not there.
    """
    write_whole(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
