"""The zip around a bundle: parts stored as they are, each under a recorded SHA-256, written whole or not at all.

`bundle.json` records the hash of every other part, and the zip's comment records the hash of `bundle.json`.
Every later format keeps that comment, and the number under `schema` in `bundle.json`.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from shibuya_optics.errors import BundleError, BundleNotFoundError, DamagedBundleError, NewerBundleError
from shibuya_optics.files import write_whole

SCHEMA_VERSION = 4
INDEX = "bundle.json"
COMMENT = "bundle.json sha256 "
MOST_BYTES = 1 << 30
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# What zipfile raises, by experiment with flipped bits, when the archive is not as it was written.
_ZIP_FAULTS = (zipfile.BadZipFile, EOFError, KeyError, OSError, RuntimeError, ValueError, struct.error)
# Of a zip's header before each part: its fixed size, and where it keeps the lengths of name and extra field after it.
_HEADER_BYTES, _LENGTHS_AT = 30, 26


def write_archive(path: Path, index: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
    """Write the parts, and `index` with their hashes as `bundle.json`. The same content gives the same bytes.

    Raises:
        BundleError: the file cannot be written; what stood there before still stands.
    """
    hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}
    text = json.dumps({"schema": SCHEMA_VERSION, **index, "parts": hashes}, indent=1, ensure_ascii=False)
    encoded = (text + "\n").encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, part in {INDEX: encoded, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), part)
        archive.comment = (COMMENT + hashlib.sha256(encoded).hexdigest()).encode()
    try:
        write_whole(path, content.getbuffer())
    except OSError as error:
        raise BundleError(f"{path} cannot be written ({error.strerror}): give a path in a folder you own.") from error


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What `bundle.json` says, and the other parts, all as they were written.

    Raises:
        BundleNotFoundError: there is no such file.
        NewerBundleError: the bundle's format is newer than this package.
        DamagedBundleError: it is not a zip, lacks a part, or a part does not have the recorded hash.
    """
    try:
        with _opened(path) as file, zipfile.ZipFile(file) as archive:
            index = _read_index(path, archive, file)
            parts = index["parts"].items()
            return index, {name: _read_part(path, archive, file, name, sha256) for name, sha256 in parts}
    except _ZIP_FAULTS as error:
        raise DamagedBundleError(f"{path} is no bundle, or is damaged ({error}): {_ADVICE}.") from error


_ADVICE = "fetch or build the .optics file again"


def _opened(path: Path) -> BinaryIO:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BundleError(f"{path} has over {MOST_BYTES >> 20} MB, more than any bundle: give an .optics file.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise BundleNotFoundError(f"there is no bundle {path}: give the path of an .optics file.") from error
    except IsADirectoryError as error:
        raise BundleNotFoundError(f"{path} is a folder: give the path of an .optics file.") from error
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}): check the file's permissions.") from error


def _read_index(path: Path, archive: zipfile.ZipFile, file: BinaryIO) -> dict[str, Any]:
    encoded = _stored(path, archive, file, INDEX)
    if archive.comment != (COMMENT + hashlib.sha256(encoded).hexdigest()).encode():
        raise _altered(path, INDEX)
    index = json.loads(encoded)
    if not isinstance(index, dict) or not isinstance(index.get("schema"), int):
        raise DamagedBundleError(f"{path} is damaged: its {INDEX} names no format: {_ADVICE}.")
    if index["schema"] > SCHEMA_VERSION:
        raise NewerBundleError(
            f"{path} was written by a newer shibuya-optics (bundle format {index['schema']}, this one reads up to "
            f"{SCHEMA_VERSION}): update with `pip install -U shibuya-optics`."
        )
    if not isinstance(index.get("parts"), dict):
        raise DamagedBundleError(f"{path} is damaged: its {INDEX} lists no parts: {_ADVICE}.")
    return index


def _read_part(path: Path, archive: zipfile.ZipFile, file: BinaryIO, name: str, sha256: str) -> bytes:
    part = _stored(path, archive, file, name)
    if hashlib.sha256(part).hexdigest() != sha256:
        raise _altered(path, name)
    return part


def _stored(path: Path, archive: zipfile.ZipFile, file: BinaryIO, name: str) -> bytes:
    """The bytes of a part, read as they lie: the SHA-256 that follows makes the zip's own checksum a second, slower one."""
    if name not in archive.namelist():
        raise DamagedBundleError(f"{path} is damaged: it lacks the part {name}: {_ADVICE}.")
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise DamagedBundleError(f"{path} was packed anew: its part {name} is compressed: {_ADVICE}.")
    file.seek(entry.header_offset + _LENGTHS_AT)
    name_bytes, extra_bytes = struct.unpack("<HH", file.read(4))
    file.seek(entry.header_offset + _HEADER_BYTES + name_bytes + extra_bytes)
    return file.read(entry.file_size)


def _altered(path: Path, name: str) -> DamagedBundleError:
    return DamagedBundleError(f"{path} is damaged: its part {name} does not have the recorded hash: {_ADVICE}.")
