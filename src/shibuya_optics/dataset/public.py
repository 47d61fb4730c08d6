"""What public sets share: their listed photos go into the photo library, with the official split and folds unchanged."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS, Photo, Split

NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSummary:
    """What a public set brought.

    Attributes:
        library: the photo library.
        photos: how many rows the official lists have for each split.
        folds: how many rows each official fold has; empty where the set has none.
        added: photos that the library did not have before.
        products, kinds: how many of them the set shows.
        warnings: what a reader of results should know, such as photos with identical bytes in two splits.
    """

    library: str
    photos: dict[str, int]
    folds: tuple[int, ...]
    added: int
    products: int
    kinds: int
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSet:
    """Where a public set comes from: `source` without `https://`; `licence` as its authors state it."""

    title: str
    source: str
    creator: str
    licence: str


class Listed(NamedTuple):
    """One row of an official list. `path` is below the set's folder, with `/`."""

    path: str
    label: str
    split: Split
    origin: str
    fold: int | None = None


def add_listed(
    home: Path,
    listed: Sequence[Listed],
    facts: PublicSet,
    library_root: str | os.PathLike[str],
    *,
    progress: Progress = silent,
) -> PublicSummary:
    """Add the listed photos below `home` that are not in the library yet.

    Raises:
        DatasetError: photos are missing, or the library holds them in another way; nothing was added.
        PhotoError: a photo does not read; what came before it was added, and running again goes on there.
        LibraryError: the library cannot be read or written.
    """
    check_present(home, [row.path for row in listed])
    library = PhotoLibrary(library_root)
    _check_origins(library, listed, facts)
    collected_at = datetime.now(UTC).isoformat(timespec="seconds")
    hashes: list[str] = []

    def not_held() -> Iterator[tuple[bytes, Photo]]:
        for row in progress(listed, "adding photos", len(listed)):
            data = (home / row.path).read_bytes()
            hashes.append(hashlib.sha256(data).hexdigest())
            if not library.holds(hashes[-1], row.label, row.split, row.fold):
                yield data, _photo(row, data, str(home / row.path), facts, collected_at)

    added = library.add_all(not_held())
    tree = LabelTree.of(row.label for row in listed)
    splits = Counter(row.split for row in listed)
    folds = Counter(row.fold for row in listed if row.fold is not None)
    return PublicSummary(
        library=str(library_root),
        photos={split: splits[split] for split in SPLITS},
        folds=tuple(folds[fold] for fold in range(max(folds, default=-1) + 1)),
        added=added,
        products=len(tree),
        kinds=len(tree.kinds),
        warnings=_warnings(listed, hashes),
    )


def check_present(home: Path, paths: Sequence[str]) -> None:
    """Refuse a set of which photos are missing.

    Raises:
        DatasetError: some are; the message names a few.
    """
    missing = [path for path in paths if not (home / path).is_file()]
    if missing:
        raise DatasetError(
            f"{len(missing)} of the {len(paths)} listed photos are not in {home}: {a_few(missing)}; "
            f"get the set again, whole."
        )


def a_few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return ", ".join(names[:NAMED_AT_MOST]) + more


def _check_origins(library: PhotoLibrary, listed: Sequence[Listed], facts: PublicSet) -> None:
    """Refuse to mix two ways of bringing a set in: what one holds out, the other may learn from."""
    if not library.manifest.exists():
        return
    origins: Mapping[Split, str] = {row.split: row.origin for row in listed if row.split != "train"}
    for photo in library.photos():
        known = origins.get(photo.split) if photo.split else None
        if photo.source == facts.source and known is not None and photo.origin != known:
            raise DatasetError(
                f"{library.root} holds photos of {facts.title} with the origin {photo.origin} for {photo.split}, where "
                f"{known} was to be added: give another library."
            )


def _photo(row: Listed, data: bytes, name: str, facts: PublicSet, collected_at: str) -> Photo:
    height, width = read_photo(data, name=name).shape[:2]
    return Photo(
        sha256=hashlib.sha256(data).hexdigest(),
        label=row.label,
        origin=row.origin,
        width=width,
        height=height,
        collected_at=collected_at,
        source=facts.source,
        page_url=f"https://{facts.source}",
        creator=facts.creator,
        licence=facts.licence,
        split=row.split,
        fold=row.fold,
    )


def _warnings(listed: Sequence[Listed], hashes: Sequence[str]) -> tuple[str, ...]:
    """What identical bytes do to the official split and folds, which stay as they are."""
    by_hash: dict[str, list[Listed]] = {}
    for row, sha256 in zip(listed, hashes, strict=True):
        by_hash.setdefault(sha256, []).append(row)
    groups = [rows for rows in by_hash.values() if len(rows) > 1]
    across_splits = [rows for rows in groups if len({row.split for row in rows}) > 1]
    across_folds = [rows for rows in groups if len({row.fold for row in rows}) > 1]
    repeated = [rows for rows in groups if len({(row.split, row.label, row.fold) for row in rows}) < len(rows)]
    return (
        *_warning(across_splits, "stand in more than one split"),
        *_warning(across_folds, "stand in more than one fold; no turn learns from a copy of what it is judged on"),
        *_warning(repeated, "stand more than once in one split under one label, and count once in the library"),
    )


def _warning(groups: Sequence[Sequence[Listed]], what: str) -> tuple[str, ...]:
    if not groups:
        return ()
    example = " = ".join(row.path for row in groups[0])
    return (f"photos with identical bytes that {what}: {len(groups)}, the first {example}.",)
