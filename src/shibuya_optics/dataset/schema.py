"""The dataset file `pantry.h5`: photos as one run of JPEG bytes, and what each of them is. Plain h5py reads it.

    jpeg         uint8  (bytes,)       every photo's JPEG file, end to end
    offsets      uint64 (photos + 1,)  photo i is jpeg[offsets[i]:offsets[i + 1]]
    jpeg_sha256  uint8  (photos, 32)   SHA-256 of each JPEG file in `jpeg`
    labels       int32  (photos,)      position in `products`
    split        uint8  (photos,)      0 train, 1 validation, 2 test
    folds        int8   (photos,)      the fold that holds the photo out in cross-validation; -1: none does
    width, height  int32 (photos,)     of the stored photo, upright, px
    sha256       uint8  (photos, 32)   of each photo as it was received, so that it is found again in the library
    origin, group  lines (photos)      as in the photo library; an empty line: in no group
    products     lines  (products)     the label tree, in its order
    sources      lines  (sources)      JSON objects: where the photos come from, and under which licence

Lines are uint8 (bytes,): texts in UTF-8, each ended by a line feed.

Attributes: format, schema_version, content_hash, label_tree_hash, and part_hashes, a JSON object with the SHA-256 of
the bytes of each part but `jpeg`, numbers little-endian. The content hash is the SHA-256 of one line a photo, in order:
the JSON list of its JPEG's SHA-256, its label, split, origin, group and fold; null where there is no group or fold. All
hashes in attributes are in hex.

The parts with a row a photo are stored in chunks, so that they are written a few thousand photos at a time. HDF5 keeps
checksums of its own structures (format 1.10), though not of texts of variable length, of which a flipped byte may send
it into an endless loop: there are none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import DatasetError, LabelError
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import SPLITS

FORMAT = "shibuya-optics pantry"
SCHEMA_VERSION = 2
COLUMNS = {"labels": np.int32, "split": np.uint8, "folds": np.int8, "width": np.int32, "height": np.int32}
DIGESTS = ("jpeg_sha256", "sha256")
LINES = ("origin", "group")
TABLES = ("products", "sources")
PARTS = ("jpeg", "offsets", *DIGESTS, *COLUMNS, *LINES, *TABLES)
ATTRIBUTES = ("content_hash", "label_tree_hash", "part_hashes")
NO_FOLD = -1
DIGEST_BYTES = hashlib.sha256().digest_size
_LINE_BYTES = 1 << 20


def as_lines(texts: Iterable[str]) -> bytes:
    """Texts as they are stored.

    Raises:
        DatasetError: one has a line feed.
    """
    lines = []
    for text in texts:
        if "\n" in text:
            raise DatasetError(f"{text!r} has a line feed: give characters that print.")
        lines.append(text + "\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


def lines_of(part: h5py.Dataset) -> Iterator[str]:
    """The texts of a part of lines, read a mebibyte at a time."""
    rest = b""
    for start in range(0, part.shape[0], _LINE_BYTES):
        *lines, rest = (rest + part[start : start + _LINE_BYTES].tobytes()).split(b"\n")
        yield from (line.decode("utf-8", "surrogateescape") for line in lines)


def attribute(file: h5py.File, name: str) -> str:
    """A text attribute; one that is no text any more reads as something else."""
    return bytes(np.bytes_(file.attrs[name])).decode("utf-8", "replace")


def content_line(jpeg_sha256: str, label: str, split: str, origin: str, group: str | None, fold: int | None) -> bytes:
    """The line of one photo that the content hash is of."""
    return json.dumps([jpeg_sha256, label, split, origin, group, fold]).encode() + b"\n"


def opened(path: Path) -> h5py.File:
    """The HDF5 file, for reading; its parts are not looked at.

    Raises:
        DatasetError: there is no such file, or it is no HDF5 file.
    """
    if not path.is_file():
        raise DatasetError(f"no dataset file {path}: make one with `optics pack LIBRARY --out {path.name}`.")
    try:
        # Without a chunk cache h5py reads just the bytes asked for: 10 us a photo, against 36.
        return h5py.File(path, "r", rdcc_nbytes=0)
    except OSError as error:
        raise DatasetError(
            f"{path} is no dataset file, or a damaged one ({error}): give a file that `optics pack` wrote."
        ) from error


@contextmanager
def reading(path: Path) -> Iterator[h5py.File]:
    """The HDF5 file while the block reads it.

    Raises:
        DatasetError: there is no such file, it is no HDF5 file, or HDF5 finds it damaged at what the block reads.
    """
    with opened(path) as file:
        try:
            yield file
        except (OSError, RuntimeError, KeyError) as error:
            raise DatasetError(f"{path} is damaged ({error}): pack the library again.") from error


def check_parts(file: h5py.File, path: Path) -> None:
    """Refuse a file that is no dataset of this schema, or lacks a part.

    Raises:
        DatasetError: it is one of these.
    """
    version = file.attrs.get("schema_version")
    if file.attrs.get("format") != np.bytes_(FORMAT) or not isinstance(version, np.integer):
        raise DatasetError(f"{path} is an HDF5 file and no dataset: give a file that `optics pack` wrote.")
    if version > SCHEMA_VERSION:
        raise DatasetError(
            f"{path} was written by a newer version (schema {version}; this one reads {SCHEMA_VERSION}): "
            f"update shibuya-optics, or pack the library again."
        )
    if version < SCHEMA_VERSION:
        raise DatasetError(
            f"{path} was written by an older version (schema {version}; this one reads {SCHEMA_VERSION}): "
            f"pack the library again."
        )
    missing = [name for name in PARTS if not isinstance(file.get(name), h5py.Dataset)]
    missing += [name for name in ATTRIBUTES if name not in file.attrs]
    if missing:
        raise DatasetError(f"{path} lacks {', '.join(missing)}: pack the library again.")


def read_tree(file: h5py.File, path: Path) -> LabelTree:
    """The label tree.

    Raises:
        DatasetError: it does not read, or does not match its hash.
    """
    try:
        tree = LabelTree(tuple(lines_of(file["products"])))
    except LabelError as error:
        raise DatasetError(f"{path} has a label tree that does not read ({error}): pack the library again.") from error
    if tree.hash != attribute(file, "label_tree_hash"):
        raise DatasetError(f"{path} has a label tree that does not match its hash: pack the library again.")
    return tree


def read_sources(file: h5py.File, path: Path) -> list[dict[str, Any]]:
    """Where the photos come from.

    Raises:
        DatasetError: it does not read.
    """
    try:
        return [json.loads(source) for source in lines_of(file["sources"])]
    except ValueError as error:
        raise DatasetError(f"{path} has sources that do not read ({error}): pack the library again.") from error


def check_columns(
    offsets: NDArray[np.uint64], columns: Mapping[str, NDArray[Any]], tree: LabelTree, file: h5py.File, path: Path
) -> None:
    """Refuse parts that do not fit each other.

    Raises:
        DatasetError: they do not.
    """
    photos = len(columns["labels"])
    fits = (
        photos > 0
        and offsets.shape == (photos + 1,)
        and {column.shape for column in columns.values()} == {(photos,)}
        and {file[name].shape for name in DIGESTS} == {(photos, DIGEST_BYTES)}
        and offsets[0] == 0
        and offsets[-1] == file["jpeg"].shape[0]
        and bool(np.all(offsets[1:] > offsets[:-1]))
        and bool(np.all((columns["labels"] >= 0) & (columns["labels"] < len(tree))))
        and bool(np.all(columns["split"] < len(SPLITS)))
        and bool(np.all(columns["folds"] >= NO_FOLD))
    )
    if not fits:
        raise DatasetError(f"{path} has parts that do not fit each other: pack the library again.")
