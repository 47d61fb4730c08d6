"""Writes the dataset file that `schema` describes, a few photos at a time, and whole or not at all."""

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
from numpy.typing import NDArray

from shibuya_optics.dataset.schema import (
    COLUMNS,
    DIGEST_BYTES,
    DIGESTS,
    FORMAT,
    LINES,
    NO_FOLD,
    SCHEMA_VERSION,
    as_lines,
    content_line,
)
from shibuya_optics.errors import DatasetError
from shibuya_optics.files import replacing
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import MOST_FOLDS, SPLITS, Split

CHUNK_BYTES = 256 << 10
BATCH_BYTES = 8 << 20
CHUNK_ROWS = 1 << 10
CHUNK_LINES = 32 << 10
BATCH_ROWS = 8 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One photo as it is stored; the fields are those of the file, `width` and `height` in px of `jpeg`, upright.

    `fold`, 0 to 126, holds the photo out in cross-validation; None: no fold does.
    """

    jpeg: bytes
    label: str
    split: Split
    origin: str
    group: str | None
    sha256: str
    width: int
    height: int
    fold: int | None = None


def write_pantry(
    path: str | os.PathLike[str], rows: Iterable[Row], tree: LabelTree, sources: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Write photos, in their order, as a dataset file; the content hash comes back.

    `sources` are JSON objects that say where photos come from, with their licence; they are kept beside the content.
    At most 8 MiB of JPEG bytes, the index of 8,192 photos, and one photo are held at a time, however many there are. A
    file that is there is replaced at the end.

    Raises:
        DatasetError: there are no photos, a fold is out of range, or the file cannot be written.
        UnknownLabelError: a label is not in the tree.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # From format 1.10 on, HDF5 guards its own structures with checksums.
        with replacing(target) as temporary, h5py.File(temporary, "w", libver=("v110", "v110")) as file:
            jpeg = file.create_dataset("jpeg", (0,), np.uint8, maxshape=(None,), chunks=(CHUNK_BYTES,))
            index = _Index(file, tree)
            for batch in _batches(index.passing(rows)):
                _append(jpeg, np.frombuffer(batch, np.uint8))
            return index.finish([json.dumps(dict(source)) for source in sources])
    except OSError as error:
        reason = error.strerror or error
        raise DatasetError(
            f"{target} cannot be written ({reason}): give a file in a folder with free space where you may write."
        ) from error


class _Index:
    """What is known of each row apart from its bytes: gathered for some thousand rows, then appended to the file."""

    def __init__(self, file: h5py.File, tree: LabelTree) -> None:
        self._file = file
        self._tree = tree
        self._end = 0
        self._content = hashlib.sha256()
        kinds = {"offsets": np.uint64, **COLUMNS, **dict.fromkeys((*DIGESTS, *LINES), np.uint8)}
        for name, kind in kinds.items():
            more = (DIGEST_BYTES,) if name in DIGESTS else ()
            rows = CHUNK_LINES if name in LINES else CHUNK_ROWS
            file.create_dataset(name, (0, *more), kind, maxshape=(None, *more), chunks=(rows, *more))
        self._hashes = {name: hashlib.sha256() for name in kinds}
        self._waiting: dict[str, list[Any]] = {name: [] for name in kinds}
        self._waiting["offsets"].append(0)

    def passing(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """The JPEG bytes of the rows, each noted here as it goes by."""
        for row in rows:
            self._note(row)
            yield row.jpeg

    def finish(self, sources: Sequence[str]) -> str:
        """Write what is left, and what is said of the whole; the content hash comes back."""
        if self._end == 0:
            raise DatasetError("no photos to pack: bring some into the photo library first.")
        self._flush()
        for name, texts in {"products": self._tree.products, "sources": sources}.items():
            lines = as_lines(texts)
            self._file.create_dataset(name, data=np.frombuffer(lines, np.uint8))
            self._hashes[name] = hashlib.sha256(lines)
        content_hash = self._content.hexdigest()
        self._file.attrs.update(
            format=np.bytes_(FORMAT),
            schema_version=SCHEMA_VERSION,
            content_hash=np.bytes_(content_hash),
            label_tree_hash=np.bytes_(self._tree.hash),
            part_hashes=np.bytes_(json.dumps({name: hashed.hexdigest() for name, hashed in self._hashes.items()})),
        )
        return content_hash

    def _note(self, row: Row) -> None:
        if row.fold is not None and not 0 <= row.fold < MOST_FOLDS:
            raise DatasetError(f"fold {row.fold}: give 0 to {MOST_FOLDS - 1}, or none.")
        digest = hashlib.sha256(row.jpeg)
        self._end += len(row.jpeg)
        noted = {
            "offsets": self._end,
            "jpeg_sha256": list(digest.digest()),
            "labels": self._tree.id_of(row.label),
            "split": SPLITS.index(row.split),
            "folds": NO_FOLD if row.fold is None else row.fold,
            "width": row.width,
            "height": row.height,
            "origin": row.origin,
            "group": row.group or "",
            "sha256": list(bytes.fromhex(row.sha256)),
        }
        for name, value in noted.items():
            self._waiting[name].append(value)
        self._content.update(
            content_line(digest.hexdigest(), row.label, row.split, row.origin, row.group or None, row.fold)
        )
        if len(self._waiting["labels"]) == BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        for name, values in self._waiting.items():
            stored = self._file[name]
            more = np.frombuffer(as_lines(values), np.uint8) if name in LINES else np.array(values, stored.dtype)
            self._hashes[name].update(more.tobytes())
            _append(stored, more)
            values.clear()


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


def _append(stored: h5py.Dataset, more: NDArray[Any]) -> None:
    start = stored.shape[0]
    stored.resize(start + len(more), axis=0)
    stored[start:] = more
