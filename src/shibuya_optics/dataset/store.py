"""The dataset file `pantry.h5`: photos as one run of JPEG bytes, and what each of them is. Plain h5py reads it.

    jpeg      uint8  (bytes,)       every photo's JPEG file, end to end
    offsets   uint64 (photos + 1,)  photo i is jpeg[offsets[i]:offsets[i + 1]]
    labels    int32  (photos,)      position in `products`
    split     uint8  (photos,)      0 train, 1 validation, 2 test
    width, height  int32 (photos,)  of the stored photo, upright, px
    origin, group  text  (photos,)  as in the photo library; an empty group: none
    sha256    64 characters (photos,)  of the photo as it was received, so that it is found again in the library
    products  text   (products,)    the label tree, in its order

Attributes: format, schema_version, content_hash, label_tree_hash, and sources, a JSON list of where the photos come from
and under which licence. The content hash is the SHA-256, in hex, of one line
a photo, in order: the JSON list of its JPEG's sha256, its label, split, origin and group.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import DatasetError, LabelError
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS, Split

FORMAT = "shibuya-optics pantry"
SCHEMA_VERSION = 1
COLUMNS = {"labels": np.int32, "split": np.uint8, "width": np.int32, "height": np.int32}
TEXTS = ("origin", "group", "sha256")
PARTS = ("jpeg", "offsets", *COLUMNS, *TEXTS, "products")


class PantryFile:
    """A dataset file, read. Opening reads a few bytes a photo; the JPEG bytes are read when asked for.

    It may be handed to worker processes, by fork or pickled: each opens the file for itself at its first photo.

    Attributes:
        path: the file.
        tree: the label tree; positions in `tree.products` are the label ids.
        labels: int32 (photos,), label ids.
        split: uint8 (photos,), positions in `records.SPLITS`.
        width, height: int32 (photos,), of the stored photos, px.
        hash: the content hash; equal hashes mean equal photos, labels, splits and order.
        sources: JSON objects with origin, source, licence, licence_url, as far as known, and photos.

    Raises:
        DatasetError: there is no such file, it is no dataset, lacks a part, or a newer version wrote it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        with _opened(self.path) as file:
            _check_parts(file, self.path)
            self.tree = _read_tree(file, self.path)
            self.hash = str(file.attrs["content_hash"])
            self.sources: list[dict[str, Any]] = json.loads(str(file.attrs.get("sources", "[]")))
            self._offsets: NDArray[np.uint64] = file["offsets"][:]
            columns = {name: file[name][:].astype(kind, copy=False) for name, kind in COLUMNS.items()}
            _check_columns(self._offsets, columns, file, self.path)
        self.labels: NDArray[np.int32] = columns["labels"]
        self.split: NDArray[np.uint8] = columns["split"]
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
        return self._texts("sha256")

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
            self._file = _opened(self.path)
            self._jpeg = self._file["jpeg"]
            self._process = os.getpid()
        return self._jpeg

    def _texts(self, part: str) -> tuple[str, ...]:
        with _opened(self.path) as file:
            return tuple(file[part].asstr()[:].tolist())


def _opened(path: Path) -> h5py.File:
    if not path.is_file():
        raise DatasetError(f"no dataset file {path}: make one with `optics pack LIBRARY --out {path.name}`.")
    try:
        # Without a chunk cache h5py reads just the bytes asked for: 10 us a photo, against 36.
        return h5py.File(path, "r", rdcc_nbytes=0)
    except OSError as error:
        raise DatasetError(
            f"{path} is no dataset file, or a damaged one ({error}): give a file that `optics pack` wrote."
        ) from error


def _check_parts(file: h5py.File, path: Path) -> None:
    version = file.attrs.get("schema_version")
    if file.attrs.get("format") != FORMAT or not isinstance(version, np.integer):
        raise DatasetError(f"{path} is an HDF5 file and no dataset: give a file that `optics pack` wrote.")
    if version > SCHEMA_VERSION:
        raise DatasetError(
            f"{path} was written by a newer version (schema {version}; this one reads up to {SCHEMA_VERSION}): "
            f"update shibuya-optics, or pack the library again."
        )
    missing = [name for name in PARTS if not isinstance(file.get(name), h5py.Dataset)]
    missing += [name for name in ("content_hash", "label_tree_hash") if name not in file.attrs]
    if missing:
        raise DatasetError(f"{path} lacks {', '.join(missing)}: pack the library again.")


def _read_tree(file: h5py.File, path: Path) -> LabelTree:
    try:
        tree = LabelTree(tuple(file["products"].asstr()[:].tolist()))
    except (LabelError, TypeError) as error:
        raise DatasetError(f"{path} has a label tree that does not read ({error}): pack the library again.") from error
    if tree.hash != file.attrs["label_tree_hash"]:
        raise DatasetError(f"{path} has a label tree that does not match its hash: pack the library again.")
    return tree


def _check_columns(
    offsets: NDArray[np.uint64], columns: Mapping[str, NDArray[Any]], file: h5py.File, path: Path
) -> None:
    photos = len(columns["labels"])
    lengths = {name: file[name].shape for name in (*COLUMNS, *TEXTS)}
    fits = (
        offsets.shape == (photos + 1,)
        and set(lengths.values()) == {(photos,)}
        and offsets[0] == 0
        and offsets[-1] == file["jpeg"].shape[0]
        and bool(np.all(offsets[1:] > offsets[:-1]))
        and bool(np.all((columns["labels"] >= 0) & (columns["labels"] < len(file["products"]))))
        and bool(np.all(columns["split"] < len(SPLITS)))
    )
    if not fits:
        raise DatasetError(f"{path} has parts that do not fit each other: pack the library again.")
