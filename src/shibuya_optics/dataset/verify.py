"""Hashes everything in a dataset file again: names the photo that was changed, or the part that does not fit."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.dataset.schema import COLUMNS, PARTS, attribute, check_parts, content_line, lines_of, reading
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import SPLITS

NAMED_AT_MOST = 5
_BLOCK = 1 << 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A dataset file in which every hash fits.

    Attributes:
        file: the dataset file.
        photos, photo_bytes: how many photos were hashed, and their bytes.
        folds: how many folds there are; 0: none.
        content_hash: as it stands in the file, and as it came out again.
    """

    file: str
    photos: int
    photo_bytes: int
    folds: int
    content_hash: str

    def as_json(self) -> dict[str, Any]:
        """The result as a JSON object."""
        return asdict(self)


def verify_pantry(path: str | os.PathLike[str], *, progress: Progress = silent) -> Verified:
    """Hash every photo and every part of a dataset file, a few thousand photos at a time.

    Raises:
        DatasetError: there is no such file, another version wrote it, or something in it was changed. The message names
            the photos by row, SHA-256 and label, or says which parts do not fit.
    """
    place = Path(path).absolute()
    with reading(place) as file:
        check_parts(file, place)
        _refuse(place, _odd_parts(file))
    with PantryFile.open(place) as pantry, reading(place) as file:
        changed, content_hash = _rehashed(pantry, file, progress)
        _refuse(place, changed)
        if content_hash != pantry.hash:
            _refuse(place, [f"the attribute content_hash is {pantry.hash}, and the content has {content_hash}"])
        return Verified(
            file=str(path),
            photos=len(pantry),
            photo_bytes=int(file["jpeg"].shape[0]),
            folds=pantry.fold_count,
            content_hash=content_hash,
        )


def _refuse(path: Path, findings: list[str]) -> None:
    if findings:
        more = f"; and {len(findings) - NAMED_AT_MOST} more" if len(findings) > NAMED_AT_MOST else ""
        raise DatasetError(
            f"{path} was changed since it was packed: {'; '.join(findings[:NAMED_AT_MOST])}{more}. Pack the library again."
        )


def _odd_parts(file: h5py.File) -> list[str]:
    """The parts, all but the photos themselves, that do not have their hash."""
    try:
        recorded: Mapping[str, str] = dict(json.loads(attribute(file, "part_hashes")))
    except (TypeError, ValueError):
        return ["the attribute part_hashes does not read"]
    return [
        f"the part `{name}` does not have its hash"
        for name in PARTS
        if name != "jpeg" and _hash_of(file[name]) != recorded.get(name)
    ]


def _hash_of(part: h5py.Dataset) -> str:
    hashed = hashlib.sha256()
    for start in range(0, part.shape[0], _BLOCK):
        hashed.update(part[start : start + _BLOCK].tobytes())
    return hashed.hexdigest()


def _rehashed(pantry: PantryFile, file: h5py.File, progress: Progress) -> tuple[list[str], str]:
    """The photos that do not have their hash, and the content hash."""
    changed = []
    content = hashlib.sha256()
    for row in progress(_rows(pantry, file), "hashing photos", len(pantry)):
        digest = hashlib.sha256(pantry.jpeg(row.number))
        if digest.digest() != row.jpeg_sha256:
            changed.append(f"row {row.number} (sha256 {row.sha256}, {row.label}) is not the photo that was packed")
        content.update(content_line(digest.hexdigest(), row.label, row.split, row.origin, row.group, row.fold))
    return changed, content.hexdigest()


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    jpeg_sha256: bytes
    sha256: str
    label: str
    split: str
    origin: str
    group: str | None
    fold: int | None


def _rows(pantry: PantryFile, file: h5py.File) -> Iterator[_Row]:
    products = pantry.tree.products
    origins, groups = lines_of(file["origin"]), lines_of(file["group"])
    for start in range(0, len(pantry), _BLOCK):
        stop = start + _BLOCK
        numbers: Mapping[str, NDArray[Any]] = {name: file[name][start:stop] for name in COLUMNS}
        stored: NDArray[np.uint8] = file["jpeg_sha256"][start:stop]
        received: NDArray[np.uint8] = file["sha256"][start:stop]
        for i, (origin, group) in enumerate(
            zip(islice(origins, len(stored)), islice(groups, len(stored)), strict=True)
        ):
            fold = int(numbers["folds"][i])
            yield _Row(
                number=start + i,
                jpeg_sha256=stored[i].tobytes(),
                sha256=received[i].tobytes().hex(),
                label=products[numbers["labels"][i]],
                split=SPLITS[numbers["split"][i]],
                origin=origin,
                group=group or None,
                fold=fold if fold >= 0 else None,
            )
