"""Brings a public set into the photo library, with its official split unchanged.

Grocery Store (Klasson, Zhang, Kjellstrom, "A hierarchical grocery store image dataset with visual and semantic
labels", WACV 2019): 81 products of 43 kinds, photographed with a phone in shops. Its split keeps shop visits apart.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS, Photo, Split

GROCERY_STORE = "github.com/marcusklasson/GroceryStoreDataset"
CLASSES = "classes.csv"
LISTS: dict[Split, str] = {"train": "train.txt", "validation": "val.txt", "test": "test.txt"}
NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSummary:
    """What a public set brought.

    Attributes:
        library: the photo library.
        photos: how many rows each official list has.
        added: photos that the library did not have before.
        products, kinds: how many of them the set shows.
        warnings: what a reader of results should know, such as photos with identical bytes in two splits.
    """

    library: str
    photos: dict[str, int]
    added: int
    products: int
    kinds: int
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return asdict(self)


class Listed(NamedTuple):
    """One row of an official list. `path` is below the set's folder, with `/`."""

    path: str
    label: str
    split: Split


def add_grocery_store(
    folder: str | os.PathLike[str],
    library_root: str | os.PathLike[str],
    *,
    progress: Progress = silent,
) -> PublicSummary:
    """Add the photos of Grocery Store that are not in the library yet; those of `iconic/` stay out.

    Raises:
        DatasetError: the folder is not the set, a list is not well formed, or photos are missing; nothing was added.
        PhotoError: a photo does not read; what came before it was added, and running again goes on there.
        LibraryError: the library cannot be read or written.
    """
    home = _home(Path(folder))
    names = _read_classes(home / CLASSES)
    listed = [row for split, file in LISTS.items() for row in _read_list(home / file, split, names)]
    _check_present(home, listed)
    library = PhotoLibrary(library_root)
    collected_at = datetime.now(UTC).isoformat(timespec="seconds")
    hashes: list[str] = []

    def not_held() -> Iterator[tuple[bytes, Photo]]:
        for row in progress(listed, "adding photos", len(listed)):
            data = (home / row.path).read_bytes()
            hashes.append(hashlib.sha256(data).hexdigest())
            if not library.holds(hashes[-1], row.label, row.split):
                yield data, _photo(row, data, hashes[-1], str(home / row.path), collected_at)

    added = library.add_all(not_held())
    tree = LabelTree.of(row.label for row in listed)
    counts = Counter(row.split for row in listed)
    return PublicSummary(
        library=str(library_root),
        photos={split: counts[split] for split in SPLITS},
        added=added,
        products=len(tree),
        kinds=len(tree.kinds),
        warnings=_warnings(listed, hashes),
    )


def _home(folder: Path) -> Path:
    """The folder with the lists; in a clone of the authors' repository it is `dataset/`."""
    wanted = (CLASSES, *LISTS.values())
    for home in (folder, folder / "dataset"):
        if all((home / name).is_file() for name in wanted):
            return home
    missing = [name for name in wanted if not (folder / name).is_file()]
    raise DatasetError(
        f"{folder} is not the Grocery Store set: {', '.join(missing)} missing; give the folder with "
        f"{', '.join(wanted)} and the folders train, val and test ({GROCERY_STORE})."
    )


def _read_classes(path: Path) -> dict[tuple[str, str], str]:
    """From (fine id, coarse id) to `kind/product`."""
    columns = ("Class ID (int)", "Coarse Class ID (int)", "Coarse Class Name (str)", "Class Name (str)")
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        table = csv.DictReader(file)
        if not set(columns) <= set(table.fieldnames or ()):
            raise DatasetError(f"{path} has the columns {table.fieldnames}: {', '.join(columns)} are expected.")
        rows = [[(row[column] or "").strip() for column in columns] for row in table]
    return {(fine, coarse): f"{kind}/{product}" for fine, coarse, kind, product in rows}


def _read_list(path: Path, split: Split, names: Mapping[tuple[str, str], str]) -> list[Listed]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        _listed(line, split, names, f"{path} line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]


def _listed(line: str, split: Split, names: Mapping[tuple[str, str], str], where: str) -> Listed:
    photo, *ids = (part.strip() for part in line.split(","))
    parts = PurePosixPath(photo).parts
    if len(ids) != 2 or len(parts) < 3 or ".." in parts or PurePosixPath(photo).is_absolute():
        raise DatasetError(
            f"{where}: {line!r} is not understood; a line is as `train/Fruit/Kiwi/Kiwi_001.jpg, 7, 3` "
            f"(path, class id, coarse class id)."
        )
    name = names.get((ids[0], ids[1]))
    if name is None:
        raise DatasetError(f"{where}: class {ids[0]} of coarse class {ids[1]} is not in {CLASSES}.")
    return Listed(photo, f"{parts[1]}/{name}", split)


def _check_present(home: Path, listed: Sequence[Listed]) -> None:
    missing = [row.path for row in listed if not (home / row.path).is_file()]
    if missing:
        more = f" and {len(missing) - NAMED_AT_MOST} more" if len(missing) > NAMED_AT_MOST else ""
        raise DatasetError(
            f"{len(missing)} of the {len(listed)} listed photos are not in {home}: "
            f"{', '.join(missing[:NAMED_AT_MOST])}{more}; get the set again, whole."
        )


def _photo(row: Listed, data: bytes, sha256: str, name: str, collected_at: str) -> Photo:
    height, width = read_photo(data, name=name).shape[:2]
    return Photo(
        sha256=sha256,
        label=row.label,
        origin="public:grocery-store",
        width=width,
        height=height,
        collected_at=collected_at,
        source=GROCERY_STORE,
        page_url=f"https://{GROCERY_STORE}",
        creator="Marcus Klasson",
        licence="MIT",
        split=row.split,
    )


def _warnings(listed: Sequence[Listed], hashes: Sequence[str]) -> tuple[str, ...]:
    """What identical bytes do to the official split, which stays as it is."""
    by_hash: dict[str, list[Listed]] = {}
    for row, sha256 in zip(listed, hashes, strict=True):
        by_hash.setdefault(sha256, []).append(row)
    groups = [rows for rows in by_hash.values() if len(rows) > 1]
    astride = [rows for rows in groups if len({row.split for row in rows}) > 1]
    repeated = [rows for rows in groups if len({(row.split, row.label) for row in rows}) < len(rows)]
    return (
        *_warning(astride, "stand in more than one split"),
        *_warning(repeated, "stand more than once in one split under one label, and count once in the library"),
    )


def _warning(groups: Sequence[Sequence[Listed]], what: str) -> tuple[str, ...]:
    if not groups:
        return ()
    example = " = ".join(row.path for row in groups[0])
    return (f"photos with identical bytes that {what}: {len(groups)}, the first {example}.",)
