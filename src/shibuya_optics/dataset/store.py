"""Reads the dataset file that `schema` describes: the index at once, a photo when it is asked for."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.schema import (
    COLUMNS,
    DIGEST_BYTES,
    attribute,
    check_columns,
    check_parts,
    lines_of,
    opened,
    read_sources,
    read_tree,
    reading,
)
from shibuya_optics.errors import DatasetError
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS, Split


class FoldRows(NamedTuple):
    """The photos of one turn of cross-validation: positions, ascending."""

    learned: NDArray[np.intp]
    held_out: NDArray[np.intp]


class PantryFile:
    """A dataset file, read. Opening reads a few bytes a photo; the JPEG bytes are read when asked for.

    It may be handed to worker processes, by fork or pickled: each opens the file for itself at its first photo.

    Attributes:
        path: the file.
        tree: the label tree; positions in `tree.products` are the label ids.
        labels: int32 (photos,), label ids.
        split: uint8 (photos,), positions in `records.SPLITS`.
        folds: int8 (photos,), the fold that holds a photo out in cross-validation; -1: none does.
        fold_count: how many folds there are; 0 where the file has none.
        width, height: int32 (photos,), of the stored photos, px.
        hash: the content hash; equal hashes mean equal photos, labels, splits, folds and order.
        sources: JSON objects with origin, source, licence, licence_url, as far as known, and photos.

    Raises:
        DatasetError: there is no such file, it is no dataset, lacks a part, or another version wrote it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        with reading(self.path) as file:
            check_parts(file, self.path)
            self.tree = read_tree(file, self.path)
            self.hash = attribute(file, "content_hash")
            self.sources: list[dict[str, Any]] = read_sources(file, self.path)
            self._offsets: NDArray[np.uint64] = file["offsets"][:]
            columns = {name: file[name][:].astype(kind, copy=False) for name, kind in COLUMNS.items()}
            check_columns(self._offsets, columns, self.tree, file, self.path)
        self.labels: NDArray[np.int32] = columns["labels"]
        self.split: NDArray[np.uint8] = columns["split"]
        self.folds: NDArray[np.int8] = columns["folds"]
        self.fold_count = int(self.folds.max()) + 1
        self.width: NDArray[np.int32] = columns["width"]
        self.height: NDArray[np.int32] = columns["height"]
        self._file: h5py.File | None = None
        self._jpeg: h5py.Dataset | None = None
        self._process = 0

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """The dataset in a file; see the class for what is raised."""
        return cls(path)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """Where each photo comes from: `own`, `web` or `public:<set>`."""
        return self._texts("origin")

    @cached_property
    def groups(self) -> tuple[str | None, ...]:
        """What each photo was taken together with; None where that is not known."""
        return tuple(group or None for group in self._texts("group"))

    @cached_property
    def sha256(self) -> tuple[str, ...]:
        """The SHA-256, in hex, of each photo as it was received (the stored JPEG may be a smaller copy)."""
        digests = self._digests("sha256").tobytes()
        return tuple(digests[i : i + DIGEST_BYTES].hex() for i in range(0, len(digests), DIGEST_BYTES))

    @cached_property
    def jpeg_sha256(self) -> NDArray[np.uint8]:
        """uint8 (photos, 32): the SHA-256 of each stored JPEG."""
        return self._digests("jpeg_sha256")

    def rows(self, split: Split | None = None) -> NDArray[np.intp]:
        """The positions of the photos of a split, or of all, ascending.

        Raises:
            DatasetError: there is no such split.
        """
        if split is None:
            return np.arange(len(self))
        if split not in SPLITS:
            raise DatasetError(f"no split {split!r}: give one of {', '.join(SPLITS)}.")
        return np.flatnonzero(self.split == SPLITS.index(split))

    def fold_rows(self, fold: int) -> FoldRows:
        """The photos that one turn of cross-validation learns from, and those that it is judged on.

        Held out are the photos of the fold. Learned are those of the other folds, and photos of the train split that are
        in no fold; but none whose stored bytes are those of a photo held out, which an official fold table may contain.

        Raises:
            DatasetError: there is no such fold.
        """
        if not 0 <= fold < self.fold_count:
            has = f"folds 0 to {self.fold_count - 1}" if self.fold_count else "no folds: pack it with `--folds 5`"
            raise DatasetError(f"no fold {fold}: {self.path} has {has}.")
        held_out = self.folds == fold
        in_turn = (self.folds >= 0) | (self.split == SPLITS.index("train"))
        digests = self.jpeg_sha256.view("V32").ravel()
        copies = np.isin(digests, digests[held_out])
        return FoldRows(np.flatnonzero(in_turn & ~held_out & ~copies), np.flatnonzero(held_out))

    def jpeg(self, row: int) -> bytes:
        """The JPEG file of one photo, 0 <= row < photos.

        Raises:
            IndexError: there is no such row.
            DatasetError: the file is gone or damaged.
        """
        if not 0 <= row < len(self):
            raise IndexError(f"row {row}: {self.path} has the rows 0 to {len(self) - 1}.")
        start, end = int(self._offsets[row]), int(self._offsets[row + 1])
        try:
            stored: NDArray[np.uint8] = self._blob()[start:end]
        except OSError as error:
            raise DatasetError(f"{self.path} is damaged at row {row} ({error}): pack it again.") from error
        return stored.tobytes()

    def photo(self, row: int, *, short_side: int | None = None) -> NDArray[np.uint8]:
        """One photo, uint8 (height, width, 3), RGB upright; `short_side` as in `photo.read_photo`."""
        return read_photo(self.jpeg(row), short_side=short_side, name=f"{self.path} row {row}")

    def close(self) -> None:
        """Close the file in this process; it opens again when a photo is asked for."""
        if self._file is not None and self._process == os.getpid():
            self._file.close()
        self._file = self._jpeg = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_file": None, "_jpeg": None}

    def _blob(self) -> h5py.Dataset:
        if self._jpeg is None or self._process != os.getpid():
            self._file = opened(self.path)
            self._jpeg = self._file["jpeg"]
            self._process = os.getpid()
        return self._jpeg

    def _digests(self, part: str) -> NDArray[np.uint8]:
        with reading(self.path) as file:
            digests: NDArray[np.uint8] = file[part][:]
        return digests

    def _texts(self, part: str) -> tuple[str, ...]:
        known: dict[str, str] = {}
        with reading(self.path) as file:
            # Equal texts become one, so that a million photos from one place take the memory of pointers.
            texts = tuple(known.setdefault(text, text) for text in lines_of(file[part]))
        if len(texts) != len(self):
            raise DatasetError(f"{self.path} has {len(texts)} lines of {part} for {len(self)} photos: pack it again.")
        return texts
