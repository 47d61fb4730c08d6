"""Readings that are kept in a file, for measuring: reading is slow, and the same photos are read again and again.

The file is JSON lines: first what read, then one photo a line, under the SHA-256 of its pixels. It holds what is printed in
the photos, so that it is written only where somebody names it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shibuya_optics.contract import Pixels
from shibuya_optics.errors import InputError
from shibuya_optics.records import Box, Word
from shibuya_optics.senses.read import DETECTION_PIXELS, Read


class KeptRead(Read):
    """As `Read`, and what was read whole is kept in a file; a photo that stands there is not read again.

    A line that was broken off by a crash is left aside, and its photo is read again.

    Args:
        path: the file; it is begun where it is not there.
        threads: as of `Read`.

    Raises:
        InputError: the file is none of these, or other software, or another size, has read.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        super().__init__(threads)
        self._path = path
        lines = _lines(path) if path.exists() else []
        self._kept = dict(_entries(lines, path))
        if not lines:
            self._append(_reader())
        elif path.read_bytes()[-1:] != b"\n":
            path.write_text("".join(f"{line}\n" for line in lines[:-1]), "utf-8")

    def words(self, photo: Pixels, *, until: float = math.inf) -> tuple[Word, ...]:
        """As `Read.words`."""
        key = hashlib.sha256(repr(photo.shape).encode() + photo.tobytes()).hexdigest()
        if key not in self._kept:
            words = super().words(photo, until=until)
            if not math.isinf(until):
                return words
            self._append({"sha256": key, "words": [asdict(word) for word in words]})
            self._kept[key] = words
        return self._kept[key]

    def _append(self, entry: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} holds no readings, it is no text: name a new file.") from error


def _reader() -> dict[str, Any]:
    return {"reader": f"rapidocr {version('rapidocr')}", "detection_pixels": DETECTION_PIXELS}


def _entries(lines: list[str], path: Path) -> Iterable[tuple[str, tuple[Word, ...]]]:
    for place, line in enumerate(lines):
        try:
            entry = json.loads(line)
            if place == 0 and entry != _reader():
                raise InputError(f"{path} was read by {line}, here reads {_reader()}: name a new file.")
            if place > 0:
                yield entry["sha256"], tuple(_word(word) for word in entry["words"])
        except (ValueError, KeyError, TypeError) as error:
            if place and place == len(lines) - 1:
                return
            raise InputError(f"{path} holds no readings in line {place + 1} ({error}): name a new file.") from error


def _word(stored: dict[str, Any]) -> Word:
    a, b, c, d = ((float(x), float(y)) for x, y in stored["box"])
    box: Box = (a, b, c, d)
    return Word(stored["text"], stored["confidence"], box)
