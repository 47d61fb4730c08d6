"""The manifest of a photo library: one `Photo` record a line, as JSON.

A line counts once it is whole. Half a last line, left by a crash, is no record, and is cut off before the next one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from shibuya_optics.errors import LabelError, LibraryError
from shibuya_optics.labels import parse_label
from shibuya_optics.records import MOST_FOLDS, SPLITS, Photo

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_manifest(manifest: Path) -> list[Photo]:
    """The records, in the order in which they were appended.

    Raises:
        LibraryError: there is no such file, or a line is no record; the message names the line.
    """
    try:
        *lines, last = manifest.read_bytes().split(b"\n")
    except OSError as error:
        raise LibraryError(
            f"no photo library at {manifest.parent}: {manifest.name} cannot be read ({error.strerror}); give the "
            f"folder that `optics public ... --into` filled."
        ) from error
    if _is_whole(last):
        lines.append(last)
    return [_record(line, f"{manifest} line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def append_records(manifest: Path, photos: Iterable[Photo]) -> None:
    """Append one line a photo, and see it onto the disk."""
    lines = [json.dumps(photo.as_json(), ensure_ascii=False) + "\n" for photo in photos]
    with manifest.open("a+b") as file:
        _mend_end(file)
        # A file name that is no UTF-8 may stand in a record; a backslash escape is also what JSON reads back.
        file.write("".join(lines).encode("utf-8", "backslashreplace"))
        file.flush()
        os.fsync(file.fileno())


def check_record(photo: Photo) -> None:
    """Refuse a record that no manifest may hold.

    Raises:
        LibraryError: a field is not well formed; the message says which.
        LabelError: the label is no label.
    """
    if not isinstance(photo.sha256, str) or not _SHA256.fullmatch(photo.sha256):
        raise LibraryError(f"sha256 {photo.sha256!r}: give 64 characters of 0-9 and a-f.")
    if not isinstance(photo.label, str) or parse_label(photo.label) != photo.label:
        raise LibraryError(f"label {photo.label!r} is not in its written form, as in Dairy/Butter/Lurpak.")
    for text in (photo.origin, photo.group):
        if text is not None and not (isinstance(text, str) and text and text.isprintable()):
            raise LibraryError(f"origin {photo.origin!r}, group {photo.group!r}: give characters that print.")
    if photo.split is not None and photo.split not in SPLITS:
        raise LibraryError(f"split {photo.split!r}: give one of {', '.join(SPLITS)}, or leave it out.")
    if photo.fold is not None and (type(photo.fold) is not int or not 0 <= photo.fold < MOST_FOLDS):
        raise LibraryError(f"fold {photo.fold!r}: give a whole number from 0 to {MOST_FOLDS - 1}, or leave it out.")


def _record(line: bytes, where: str) -> Photo:
    try:
        photo = Photo.from_json(json.loads(line))
        check_record(photo)
    except (ValueError, AttributeError, LibraryError, LabelError) as error:
        raise LibraryError(f"{where} is no photo record ({error}): mend the line or take it out.") from error
    return photo


def _is_whole(line: bytes) -> bool:
    """Whether a last line without its end is nevertheless a record; no part of a JSON object is one."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _mend_end(manifest: BinaryIO) -> None:
    """End the last line, or cut it off where a crash left half of it."""
    if manifest.seek(0, os.SEEK_END) == 0:
        return
    manifest.seek(-1, os.SEEK_END)
    if manifest.read(1) == b"\n":
        return
    manifest.seek(0)
    content = manifest.read()
    start = content.rfind(b"\n") + 1
    if _is_whole(content[start:]):
        manifest.write(b"\n")
    else:
        manifest.truncate(start)
