"""The photo library: photos as they were received, and one manifest line for each.

    <root>/photos/<sha256[:2]>/<sha256>.<suffix>    the bytes as received, never edited
    <root>/manifest.jsonl                           one `Photo` record a line

A photo is whole before its line is written, so that a crash at any moment leaves a library that reads. One process
writes at a time; any number may read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from shibuya_optics.collect.manifest import append_records, check_record, read_manifest
from shibuya_optics.errors import LibraryError
from shibuya_optics.files import write_whole
from shibuya_optics.photo.formats import format_of
from shibuya_optics.records import Photo

MANIFEST = "manifest.jsonl"
BATCH_BYTES = 1 << 20
Key = tuple[str, str, str | None, int | None]
_WRITERS = 4
_SUFFIXES = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "HEIC": "heic",
    "AVIF": "avif",
    "TIFF": "tif",
    "BMP": "bmp",
    "GIF": "gif",
}


class PhotoLibrary:
    """A folder of photos with provenance. `root` need not exist before the first `add`."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self._known: set[Key] | None = None

    @property
    def manifest(self) -> Path:
        """The file with one line a photo."""
        return self.root / MANIFEST

    def photos(self) -> list[Photo]:
        """The records, in the order in which they were added.

        Raises:
            LibraryError: there is no library here, or a line is no record; the message names the line.
        """
        return read_manifest(self.manifest)

    def holds(self, sha256: str, label: str, split: str | None, fold: int | None = None) -> bool:
        """Whether the manifest has this photo under this label, split and fold, and its file is there."""
        return (sha256, label, split, fold) in self._keys() and self._find(sha256) is not None

    def add(self, data: bytes, photo: Photo) -> bool:
        """Bring one photo in: its file, then its line. False when the manifest has it, as `holds` says.

        Raises:
            LibraryError: the record does not fit the bytes or is not well formed, or the folder cannot be written.
            NotAPhotoError: the bytes are of no image format that is read.
        """
        return self.add_all([(data, photo)]) == 1

    def add_all(self, photos: Iterable[tuple[bytes, Photo]]) -> int:
        """Bring photos in as `add` does, about 1 MiB at a time, which is several times faster; how many were new.

        When one of them is refused, or `photos` raises, those before it are in the library.
        """
        added = size = 0
        batch: list[tuple[bytes, Photo]] = []
        try:
            for data, photo in photos:
                _check_fit(data, photo)
                batch.append((data, photo))
                size += len(data)
                if size >= BATCH_BYTES:
                    whole, batch, size = batch, [], 0
                    added += self._add_batch(whole)
        finally:
            if batch:
                added += self._add_batch(batch)
        return added

    def path_of(self, photo: Photo) -> Path:
        """The file of a photo.

        Raises:
            LibraryError: it is not there.
        """
        path = self._find(photo.sha256)
        if path is None:
            raise LibraryError(
                f"{self.root} has no file for the photo {photo.sha256} ({photo.label}): add the photo again, or take "
                f"its line out of {MANIFEST}."
            )
        return path

    def read(self, photo: Photo) -> bytes:
        """The bytes of a photo as they were received.

        Raises:
            LibraryError: the file is not there, cannot be read, or was changed since.
        """
        path = self.path_of(photo)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LibraryError(f"{path} cannot be read: {error.strerror}.") from error
        if hashlib.sha256(data).hexdigest() != photo.sha256:
            raise LibraryError(f"{path} was changed since it was added: delete it, and add the photo again.")
        return data

    def _add_batch(self, batch: Sequence[tuple[bytes, Photo]]) -> int:
        new: dict[Key, Photo] = {}
        for _, photo in batch:
            if _key(photo) not in self._keys():
                new.setdefault(_key(photo), photo)
        with self._writing():
            self._write_files({photo.sha256: data for data, photo in batch if self._find(photo.sha256) is None})
            if new:
                append_records(self.manifest, new.values())
        self._keys().update(new)
        return len(new)

    def _write_files(self, missing: dict[str, bytes]) -> None:
        places = [self._place(sha256, _suffix(data)) for sha256, data in missing.items()]
        for folder in {place.parent for place in places}:
            folder.mkdir(parents=True, exist_ok=True)
        # Side by side, because a file system sees several files onto the disk in hardly more time than one.
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(write_whole, places, missing.values()))

    def _keys(self) -> set[Key]:
        if self._known is None:
            self._known = {_key(photo) for photo in self.photos()} if self.manifest.exists() else set()
        return self._known

    def _place(self, sha256: str, suffix: str) -> Path:
        return self.root / "photos" / sha256[:2] / f"{sha256}.{suffix}"

    def _find(self, sha256: str) -> Path | None:
        places = (self._place(sha256, suffix) for suffix in _SUFFIXES.values())
        return next((place for place in places if place.is_file()), None)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise LibraryError(
                f"the photo library {self.root} cannot be written: {error.strerror}; give a folder with free space "
                f"where you may write."
            ) from error


def _key(photo: Photo) -> Key:
    return photo.sha256, photo.label, photo.split, photo.fold


def _check_fit(data: bytes, photo: Photo) -> None:
    check_record(photo)
    _suffix(data)
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise LibraryError(f"the record says sha256 {photo.sha256}, and the bytes have another: read them again.")


def _suffix(data: bytes) -> str:
    return _SUFFIXES[format_of(data, "a photo for the library")]
