"""Bundles whose parts are changed behind the package's back."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shibuya_optics.bundle.archive import COMMENT


def repack(path: Path, change: Callable[[dict[str, bytes]], None], compression: int = zipfile.ZIP_STORED) -> None:
    """Write a bundle's parts anew, with the hash of bundle.json put right."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        archive.comment = (COMMENT + hashlib.sha256(parts.get("bundle.json", b"")).hexdigest()).encode()


def edit_index(parts: dict[str, bytes], /, **values: Any) -> None:
    index = json.loads(parts["bundle.json"])
    index.update(values)
    parts["bundle.json"] = json.dumps({key: value for key, value in index.items() if value is not None}).encode()


def refit(parts: dict[str, bytes], name: str, part: bytes) -> None:
    """Put in another part, and its right hash."""
    parts[name] = part
    hashes = json.loads(parts["bundle.json"])["parts"]
    edit_index(parts, parts=hashes | {name: hashlib.sha256(part).hexdigest()})
