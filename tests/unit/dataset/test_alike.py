from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.contract import Pixels
from shibuya_optics.dataset import alike
from shibuya_optics.dataset.alike import alike_in
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import Split

TREE = LabelTree.of(["Dairy/Milk/Arla", "Salt", "Sugar"])


def mean_colours(photos: Sequence[Pixels]) -> NDArray[np.float32]:
    rows = np.array([photo.mean(axis=(0, 1)) - 128 for photo in photos], np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.fixture
def file(make_image: Callable[..., bytes], tmp_path: Path) -> PantryFile:
    train: Split = "train"
    kinds: list[tuple[str, Split]] = [("Salt", train) for _ in range(6)]
    kinds += [("Salt", "test"), ("Sugar", "test"), ("Dairy/Milk/Arla", train)]
    rows = [
        Row(
            jpeg=make_image(seed=i),
            label=label,
            split=split,
            origin="own",
            group=None,
            sha256=f"{i:064x}",
            width=48,
            height=32,
        )
        for i, (label, split) in enumerate(kinds)
    ]
    write_pantry(tmp_path / "pantry.h5", rows, TREE)
    return PantryFile.open(tmp_path / "pantry.h5")


def test_the_most_alike_come_first_and_are_train_photos_of_the_product(file: PantryFile) -> None:
    (vector,) = mean_colours([file.photo(4)])
    found = alike_in(file, "Salt", vector, mean_colours)
    assert found[0].row == 4
    assert found[0].cosine == pytest.approx(1, abs=1e-6)
    slowly = sorted(range(6), key=lambda row: -float(mean_colours([file.photo(row)])[0] @ vector))[:3]
    assert [one.row for one in found] == slowly
    assert np.array_equal(found[0].photo, file.photo(4))


def test_no_more_are_looked_at_than_take_seconds(file: PantryFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MOST_LOOKED_AT", 2)
    (vector,) = mean_colours([file.photo(4)])
    assert {one.row for one in alike_in(file, "Salt", vector, mean_colours)} == {0, 1}


@pytest.mark.parametrize("label", ["Sugar", "Pepper"])
def test_a_product_without_train_photos_is_told(file: PantryFile, label: str) -> None:
    with pytest.raises(DatasetError, match=f"no train photos of {label}"):
        alike_in(file, label, np.ones(3, np.float32), mean_colours)
