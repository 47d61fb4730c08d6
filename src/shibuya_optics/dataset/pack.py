"""From the photo library to the dataset file: every photo a JPEG of a size that reads fast, in one fixed order."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.arrange import Arrangement, arranged
from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.dataset.schema import NO_FOLD
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import read_photo
from shibuya_optics.photo.jpeg import JpegHeader
from shibuya_optics.records import SPLITS, Photo

SHORT_SIDE = 384
LEAST_SHORT_SIDE = 32
JPEG_QUALITY = 92
AS_GIVEN = Arrangement()
_COLOURS = {"Gray", "RGB", "YCbCr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSummary:
    """What was packed.

    Attributes:
        file, file_bytes: the dataset file and its size.
        photos: how many photos each split has.
        products, kinds: how many of them the label tree has.
        kept: photos whose bytes are stored as they were received; the others were made upright, reduced, encoded.
        short_side: what larger photos were reduced to, px.
        groups: how many groups of photos taken together have two photos or more, as far as was looked for.
        folds: how many photos each fold holds out; none where there are no folds.
        warnings: what a reader of results should know.
        content_hash: equal hashes mean equal photos, labels, splits, folds and order.
    """

    file: str
    file_bytes: int
    photos: dict[str, int]
    products: int
    kinds: int
    kept: int
    short_side: int
    groups: int
    folds: tuple[int, ...]
    warnings: tuple[str, ...]
    content_hash: str

    def as_json(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return asdict(self)


def pack(
    library_root: str | os.PathLike[str],
    into: str | os.PathLike[str],
    *,
    short_side: int = SHORT_SIDE,
    how: Arrangement = AS_GIVEN,
    progress: Progress = silent,
) -> PackSummary:
    """Write a photo library as a dataset file. The order of the manifest and the time of collection change nothing.

    Args:
        library_root: the folder of the library.
        into: the file to write.
        short_side: larger photos are reduced to it, px.
        how: how photos without an official split are split, and what folds are laid.
        progress: shows where it stands.

    Raises:
        LibraryError: the library does not read.
        PhotoError: a photo does not read; the message names its file.
        DatasetError: the split leaks, folds cannot be laid, there are no photos, the short side is too small, or the
            file is not written.
        MissingExtraError: folds are asked for, and scikit-learn is not installed.
    """
    if short_side < LEAST_SHORT_SIDE:
        raise DatasetError(f"a short side of {short_side} px: give {LEAST_SHORT_SIDE} or more.")
    library = PhotoLibrary(library_root)
    arrangement = arranged(library, library.photos(), how, progress)
    photos = sorted(arrangement.photos, key=_order)
    tree = LabelTree.of(photo.label for photo in photos)
    kept = 0

    def rows() -> Iterator[Row]:
        nonlocal kept
        for photo in progress(photos, "packing", len(photos)):
            received = library.read(photo)
            row = _row(received, photo, short_side, str(library.path_of(photo)))
            kept += row.jpeg is received
            yield row

    content_hash = write_pantry(into, rows(), tree, sources_of(photos))
    counts = Counter(photo.split for photo in photos)
    return PackSummary(
        file=str(into),
        file_bytes=Path(into).stat().st_size,
        photos={split: counts[split] for split in SPLITS},
        products=len(tree),
        kinds=len(tree.kinds),
        kept=kept,
        short_side=short_side,
        groups=arrangement.groups,
        folds=tuple(count for _, count in sorted(Counter(p.fold for p in photos if p.fold is not None).items())),
        warnings=arrangement.warnings,
        content_hash=content_hash,
    )


def sources_of(photos: Iterable[Photo]) -> list[dict[str, Any]]:
    """Where photos come from: a JSON object for each origin, source and licence, with how many they are."""
    counts = Counter((p.origin, p.source, p.licence, p.licence_url) for p in photos)
    names = ("origin", "source", "licence", "licence_url")
    return [
        {**{name: value for name, value in zip(names, facts, strict=True) if value}, "photos": count}
        for facts, count in sorted(counts.items(), key=lambda item: tuple(fact or "" for fact in item[0]))
    ]


def stored_form(received: bytes, short_side: int, name: str) -> tuple[bytes, int, int]:
    """A photo as it goes into the file: its JPEG bytes, width and height in px.

    A photo that is already an upright sequential 8-bit RGB or grey JPEG, no larger than asked, keeps its very bytes, so
    that nothing is lost. Any other is decoded, reduced with Lanczos where its short side is above `short_side` px, and
    encoded at quality 92 with full colour resolution.

    Raises:
        PhotoError: it does not read; `name` stands in the message.
    """
    photo = read_photo(received, short_side=short_side, name=name)
    if not _may_stay(received, short_side):
        photo = _reduced(photo, short_side)
        received = _encoded(photo)
    height, width = photo.shape[:2]
    return received, width, height


def _row(received: bytes, photo: Photo, short_side: int, name: str) -> Row:
    if photo.split is None:
        raise DatasetError(f"{name} has no split.")
    jpeg, width, height = stored_form(received, short_side, name)
    return Row(
        jpeg=jpeg,
        label=photo.label,
        split=photo.split,
        origin=photo.origin,
        group=photo.group,
        sha256=photo.sha256,
        width=width,
        height=height,
        fold=photo.fold,
    )


def _order(photo: Photo) -> tuple[int, str, str, int, str, str]:
    split = SPLITS.index(photo.split) if photo.split else len(SPLITS)
    fold = NO_FOLD if photo.fold is None else photo.fold
    return split, photo.label, photo.sha256, fold, photo.origin, photo.group or ""


def _may_stay(received: bytes, short_side: int) -> bool:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(received, strict=False)
    except (ValueError, KeyError):
        return False
    header = JpegHeader.of(received)
    turned = header.orientation in range(2, 9)
    return min(height, width) <= short_side and colours in _COLOURS and not header.progressive and not turned


def _reduced(photo: NDArray[np.uint8], short_side: int) -> NDArray[np.uint8]:
    height, width = photo.shape[:2]
    scale = short_side / min(height, width)
    if scale >= 1:
        return photo
    size = max(short_side, round(width * scale)), max(short_side, round(height * scale))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def _encoded(photo: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    return buffer.getvalue()
