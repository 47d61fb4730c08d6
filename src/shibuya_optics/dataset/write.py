"""Writes the dataset file that `store` describes, a few photos at a time, and whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from shibuya_optics.dataset.store import COLUMNS, FORMAT, SCHEMA_VERSION, TEXTS
from shibuya_optics.errors import DatasetError
from shibuya_optics.files import replacing
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import SPLITS, Split

CHUNK_BYTES = 256 << 10
BATCH_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One photo as it is stored; the fields are those of the file, `width` and `height` in px of `jpeg`, upright."""

    jpeg: bytes
    label: str
    split: Split
    origin: str
    group: str | None
    sha256: str
    width: int
    height: int


def write_pantry(
    path: str | os.PathLike[str], rows: Iterable[Row], tree: LabelTree, sources: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Write photos, in their order, as a dataset file; the content hash comes back.

    `sources` are JSON objects that say where photos come from, with their licence; they are kept beside the content.
    At most 8 MiB of JPEG bytes, and one photo, are held at a time. A file that is there is replaced at the end.

    Raises:
        DatasetError: there are no photos, or the file cannot be written.
        UnknownLabelError: a label is not in the tree.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary, h5py.File(temporary, "w") as file:
            columns = _Columns(tree)
            jpeg = file.create_dataset("jpeg", (0,), np.uint8, maxshape=(None,), chunks=(CHUNK_BYTES,))
            for batch in _batches(columns.passing(rows)):
                _append(jpeg, batch)
            file.attrs["sources"] = json.dumps([dict(source) for source in sources])
            return columns.write(file)
    except OSError as error:
        reason = error.strerror or error
        raise DatasetError(
            f"{target} cannot be written ({reason}): give a file in a folder with free space where you may write."
        ) from error


class _Columns:
    """What is known of each row apart from its bytes."""

    def __init__(self, tree: LabelTree) -> None:
        self._tree = tree
        self._offsets = [0]
        self._numbers: dict[str, list[int]] = {name: [] for name in COLUMNS}
        self._texts: dict[str, list[str]] = {name: [] for name in TEXTS}
        self._hash = hashlib.sha256()

    def passing(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """The JPEG bytes of the rows, each noted here as it goes by."""
        for row in rows:
            self._note(row)
            yield row.jpeg

    def _note(self, row: Row) -> None:
        self._offsets.append(self._offsets[-1] + len(row.jpeg))
        numbers = {
            "labels": self._tree.id_of(row.label),
            "split": SPLITS.index(row.split),
            "width": row.width,
            "height": row.height,
        }
        for name, number in numbers.items():
            self._numbers[name].append(number)
        for name, text in {"origin": row.origin, "group": row.group or "", "sha256": row.sha256}.items():
            self._texts[name].append(text)
        content = [hashlib.sha256(row.jpeg).hexdigest(), row.label, row.split, row.origin, row.group]
        self._hash.update(json.dumps(content).encode() + b"\n")

    def write(self, file: h5py.File) -> str:
        if len(self._offsets) == 1:
            raise DatasetError("no photos to pack: bring some into the photo library first.")
        file["offsets"] = np.array(self._offsets, np.uint64)
        for name, numbers in self._numbers.items():
            file[name] = np.array(numbers, COLUMNS[name])
        for name, texts in self._texts.items():
            fixed = 64 if name == "sha256" else None
            file.create_dataset(name, data=texts, dtype=h5py.string_dtype("utf-8", fixed))
        file.create_dataset("products", data=list(self._tree.products), dtype=h5py.string_dtype())
        content_hash = self._hash.hexdigest()
        file.attrs.update(
            format=FORMAT,
            schema_version=SCHEMA_VERSION,
            content_hash=content_hash,
            label_tree_hash=self._tree.hash,
        )
        return content_hash


def _batches(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces joined to runs of 8 MiB or a little more, since each write costs far more than its bytes."""
    batch = bytearray()
    for piece in pieces:
        batch += piece
        if len(batch) >= BATCH_BYTES:
            yield bytes(batch)
            batch.clear()
    if batch:
        yield bytes(batch)


def _append(jpeg: h5py.Dataset, batch: bytes) -> None:
    start = jpeg.shape[0]
    jpeg.resize(start + len(batch), axis=0)
    jpeg[start:] = np.frombuffer(batch, np.uint8)
