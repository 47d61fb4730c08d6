"""The Grocery Store set, from its folder through the photo library to the dataset file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.grocery_store import add_grocery_store
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.records import SPLITS

pytestmark = pytest.mark.real
OFFICIAL = {"train": 2640, "validation": 296, "test": 2485}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    groceries = shared / "data" / "grocery-store"
    if not groceries.is_dir():
        pytest.skip(f"no Grocery Store photos at {groceries}")
    return groceries


@pytest.fixture(scope="module")
def library(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> PhotoLibrary:
    root = tmp_path_factory.mktemp("work")
    summary = add_grocery_store(folder, root)
    assert summary.photos == OFFICIAL
    assert (summary.added, summary.products, summary.kinds) == (5421, 81, 43)
    assert summary.warnings == ()
    return PhotoLibrary(root)


def test_the_official_split_stands_in_the_library(folder: Path, library: PhotoLibrary) -> None:
    photos = library.photos()
    assert Counter(photo.split for photo in photos) == OFFICIAL
    lines = [line for name in ("train", "val", "test") for line in (folder / f"{name}.txt").read_text().splitlines()]
    for photo, line in list(zip(photos, lines, strict=True))[::97]:
        path = line.split(",")[0]
        assert library.read(photo) == (folder / path).read_bytes()
        assert photo.label.split("/")[0] == path.split("/")[1]
        assert photo.label.split("/")[2] == path.split("/")[-2]


def test_run_again_it_adds_nothing(folder: Path, library: PhotoLibrary) -> None:
    before = library.manifest.read_bytes()
    assert add_grocery_store(folder, library.root).added == 0
    assert library.manifest.read_bytes() == before


def test_the_packed_file_has_every_photo_byte_for_byte(library: PhotoLibrary, tmp_path: Path) -> None:
    summary = pack(library.root, tmp_path / "pantry.h5")
    assert (summary.photos, summary.products, summary.kinds, summary.kept) == (OFFICIAL, 81, 43, 5421)
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert {split: len(pantry.rows(split)) for split in SPLITS} == OFFICIAL
        received = {(photo.sha256, photo.label): photo for photo in library.photos()}
        for row in range(0, len(pantry), 211):
            photo = received[pantry.sha256[row], pantry.tree.products[pantry.labels[row]]]
            assert pantry.jpeg(row) == library.read(photo)
            assert pantry.photo(row).shape == (photo.height, photo.width, 3)


def test_the_studio_pictures_alone_are_for_training_and_natural_photos_are_own(folder: Path, tmp_path: Path) -> None:
    summary = add_grocery_store(folder, tmp_path / "web", part="web-to-own")
    assert summary.photos == {"train": 81, "validation": 296, "test": 2485}
    photos = PhotoLibrary(tmp_path / "web").photos()
    assert len({photo.label for photo in photos if photo.split == "train"}) == 81
    assert {photo.origin for photo in photos if photo.split == "train"} == {"web"}
    assert {photo.origin for photo in photos if photo.split != "train"} == {"own"}
