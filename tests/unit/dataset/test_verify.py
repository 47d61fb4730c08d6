from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np
import pytest

from shibuya_optics.dataset.schema import COLUMNS, PARTS
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.verify import verify_pantry
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree

Item = TypeVar("Item")
TREE = LabelTree.of(["Dairy/Butter/Lurpak", "Getränke/Säfte/Äpfel"])


@pytest.fixture
def path(make_image: Callable[..., bytes], tmp_path: Path) -> Path:
    rows = [
        Row(
            jpeg=make_image(seed=i),
            label=TREE.products[i % 2],
            split="train",
            origin="own",
            group="shoot é" if i % 3 else None,
            sha256=f"{i + 1:064x}",
            width=48,
            height=32,
            fold=i % 2,
        )
        for i in range(7)
    ]
    write_pantry(tmp_path / "pantry.h5", rows, TREE, [{"origin": "own", "photos": 7}])
    return tmp_path / "pantry.h5"


def test_a_whole_file_passes(path: Path) -> None:
    seen: list[int] = []

    def progress(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        seen.append(total)
        return items

    verified = verify_pantry(path, progress=progress)
    with PantryFile.open(path) as pantry:
        assert verified.content_hash == pantry.hash
        assert verified.photo_bytes == sum(len(pantry.jpeg(row)) for row in range(7))
    assert (verified.photos, verified.folds, seen) == (7, 2, [7])


def test_any_changed_byte_of_any_photo_names_that_photo_alone(path: Path) -> None:
    with h5py.File(path) as file:
        offsets = file["offsets"][:].astype(int)
    places = random.Random(0).sample(range(offsets[-1]), 40)
    for place in [*places, 0, offsets[-1] - 1]:
        row = int(np.searchsorted(offsets, place, side="right")) - 1
        with h5py.File(path, "r+") as file:
            file["jpeg"][place] ^= 1
        with pytest.raises(
            DatasetError, match=rf"packed: row {row} \(sha256 {row + 1:064x}, {TREE.products[row % 2]}\)"
        ) as told:
            verify_pantry(path)
        assert str(told.value).count("sha256") == 1
        with h5py.File(path, "r+") as file:
            file["jpeg"][place] ^= 1
    assert verify_pantry(path).photos == 7


@pytest.mark.parametrize("part", [part for part in PARTS if part != "jpeg"])
def test_a_changed_part_is_named(path: Path, part: str) -> None:
    with h5py.File(path, "r+") as file:
        content = file[part][...]
        content.reshape(-1)[-1] ^= 1
        file[part][...] = content
    with pytest.raises(DatasetError, match=f"the part `{part}` does not have its hash. Pack the library again"):
        verify_pantry(path)


@pytest.mark.parametrize("attribute", ["content_hash", "label_tree_hash", "part_hashes"])
def test_a_changed_attribute_is_named(path: Path, attribute: str) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs[attribute] = np.bytes_(b"x" + bytes(file.attrs[attribute])[1:])
    with pytest.raises(DatasetError, match="attribute|label tree that does not match its hash"):
        verify_pantry(path)


def test_a_part_that_lost_a_row_is_named(path: Path) -> None:
    assert set(COLUMNS) >= {"folds"}
    with h5py.File(path, "r+") as file:
        file["folds"].resize(6, axis=0)
    with pytest.raises(DatasetError, match="the part `folds` does not have its hash"):
        verify_pantry(path)


def test_a_flipped_byte_anywhere_in_the_file_is_found_or_does_no_harm(path: Path) -> None:
    """Of HDF5's own structures, too; bytes that nothing reads may change."""
    whole = path.read_bytes()
    content_hash = verify_pantry(path).content_hash
    written = [place for place, byte in enumerate(whole) if byte]
    found = 0
    for place in random.Random(1).sample(written, 150):
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        path.write_bytes(content)
        try:
            assert verify_pantry(path).content_hash == content_hash
        except DatasetError:
            found += 1
    assert found > 140


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.h5").write_bytes(b"no HDF5")
    with pytest.raises(DatasetError, match="is no dataset file"):
        verify_pantry(tmp_path / "odd.h5")
