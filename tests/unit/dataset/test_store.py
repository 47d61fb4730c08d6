from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from shibuya_optics.dataset.schema import SCHEMA_VERSION
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import read_photo
from shibuya_optics.records import SPLITS

TREE = LabelTree.of(["Dairy/Butter/Lurpak", "Dairy/Milk/Arla", "Salt"])


@pytest.fixture
def rows(make_image: Callable[..., bytes]) -> list[Row]:
    return [
        Row(
            jpeg=make_image(seed=i),
            label=TREE.products[i % 3],
            split=SPLITS[i // 2],
            origin="own" if i % 2 else "public:é",
            group="shoot 1" if i == 4 else None,
            sha256=f"{i:064x}",
            width=48,
            height=32,
            fold=i % 2 if i < 4 else None,
        )
        for i in range(6)
    ]


@pytest.fixture
def path(rows: list[Row], tmp_path: Path) -> Path:
    write_pantry(tmp_path / "pantry.h5", rows, TREE)
    return tmp_path / "pantry.h5"


def test_every_field_reads_back(path: Path, rows: list[Row]) -> None:
    with PantryFile.open(path) as pantry:
        assert len(pantry) == 6
        assert pantry.tree == TREE
        assert [pantry.jpeg(i) for i in range(6)] == [row.jpeg for row in rows]
        assert [pantry.tree.products[i] for i in pantry.labels] == [row.label for row in rows]
        assert [SPLITS[i] for i in pantry.split] == [row.split for row in rows]
        assert pantry.origins == tuple(row.origin for row in rows)
        assert pantry.groups == (None, None, None, None, "shoot 1", None)
        assert pantry.sha256 == tuple(row.sha256 for row in rows)
        assert pantry.folds.tolist() == [0, 1, 0, 1, -1, -1]
        assert pantry.fold_count == 2
        assert pantry.jpeg_sha256.tobytes() == b"".join(hashlib.sha256(row.jpeg).digest() for row in rows)
        assert (set(pantry.width), set(pantry.height)) == ({48}, {32})
        np.testing.assert_array_equal(pantry.photo(3), read_photo(rows[3].jpeg))


def test_plain_h5py_reads_it(path: Path, rows: list[Row]) -> None:
    with h5py.File(path) as file:
        start, end = file["offsets"][2:4]
        assert bytes(file["jpeg"][start:end]) == rows[2].jpeg
        assert file["products"][:].tobytes().decode().split("\n")[file["labels"][2]] == rows[2].label
        assert file["offsets"].dtype == np.uint64
        assert (file["labels"].dtype, file["split"].dtype, file["jpeg"].dtype) == (np.int32, np.uint8, np.uint8)
        assert file.attrs["schema_version"] == SCHEMA_VERSION


def test_the_content_hash_is_the_documented_one(path: Path, rows: list[Row]) -> None:
    lines = [
        json.dumps([hashlib.sha256(row.jpeg).hexdigest(), row.label, row.split, row.origin, row.group, row.fold]) + "\n"
        for row in rows
    ]
    assert PantryFile.open(path).hash == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_rows_of_a_split(path: Path) -> None:
    pantry = PantryFile.open(path)
    assert pantry.rows("validation").tolist() == [2, 3]
    assert pantry.rows().tolist() == list(range(6))
    with pytest.raises(DatasetError, match="no split 'dev': give one of train, validation, test"):
        pantry.rows("dev")  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [-1, 6])
def test_a_row_outside_is_an_index_error(path: Path, row: int) -> None:
    with pytest.raises(IndexError, match="has the rows 0 to 5"):
        PantryFile.open(path).jpeg(row)


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_workers_read_for_themselves(path: Path, rows: list[Row], start: str) -> None:
    pantry = PantryFile.open(path)
    pantry.jpeg(0)
    with multiprocessing.get_context(start).Pool(2) as pool:
        found = pool.map(pantry.jpeg, range(6), chunksize=1)
    assert found == [row.jpeg for row in rows]
    assert pantry.jpeg(5) == rows[5].jpeg


def test_a_pickled_copy_reads_after_the_first_is_closed(path: Path, rows: list[Row]) -> None:
    with PantryFile.open(path) as pantry:
        pantry.jpeg(0)
        copy = pickle.loads(pickle.dumps(pantry))  # noqa: S301 - made here
    assert copy.jpeg(1) == rows[1].jpeg
    assert pantry.jpeg(1) == rows[1].jpeg


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset file .*none\.h5"):
        PantryFile.open(tmp_path / "none.h5")


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all"])
def test_what_is_no_hdf5_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.h5").write_bytes(content)
    with pytest.raises(DatasetError, match="is no dataset file"):
        PantryFile.open(tmp_path / "odd.h5")


def test_a_file_cut_short_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DatasetError, match="is no dataset file, or a damaged one"):
        PantryFile.open(path)


def test_another_hdf5_file_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(DatasetError, match="is an HDF5 file and no dataset"):
        PantryFile.open(tmp_path / "other.h5")


def test_a_newer_schema_is_refused(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = SCHEMA_VERSION + 1
    with pytest.raises(DatasetError, match=r"written by a newer version \(schema 3; this one reads 2\)"):
        PantryFile.open(path)


def test_an_older_schema_is_refused(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = 1
    with pytest.raises(DatasetError, match=r"older version \(schema 1; this one reads 2\): pack the library again"):
        PantryFile.open(path)


def test_one_turn_of_cross_validation(path: Path) -> None:
    pantry = PantryFile.open(path)
    learned, held_out = pantry.fold_rows(1)
    assert (learned.tolist(), held_out.tolist()) == ([0, 2], [1, 3])
    with pytest.raises(DatasetError, match=r"no fold 2: .* has folds 0 to 1"):
        pantry.fold_rows(2)


def test_no_folds_are_told(path: Path, rows: list[Row]) -> None:
    write_pantry(path, [replace(row, fold=None) for row in rows], TREE)
    pantry = PantryFile.open(path)
    assert pantry.fold_count == 0
    with pytest.raises(DatasetError, match="has no folds: pack it with `--folds 5`"):
        pantry.fold_rows(0)


def test_a_turn_learns_from_no_copy_of_what_it_is_judged_on(path: Path, rows: list[Row]) -> None:
    folds = [0, 1, 0, None, None, None]
    copied = [replace(row, fold=fold, split="train") for row, fold in zip(rows, folds, strict=True)]
    copied[1] = replace(copied[1], jpeg=rows[0].jpeg)
    copied[5] = replace(copied[5], jpeg=rows[2].jpeg)
    write_pantry(path, copied, TREE)
    turns = [PantryFile.open(path).fold_rows(fold) for fold in range(2)]
    assert [(learned.tolist(), held_out.tolist()) for learned, held_out in turns] == [
        ([3, 4], [0, 2]),
        ([2, 3, 4, 5], [1]),
    ]


@pytest.mark.parametrize(
    "part",
    ["jpeg", "offsets", "folds", "jpeg_sha256", "sources", "labels", "split", "group", "sha256", "products", "width"],
)
def test_a_missing_part_is_named(path: Path, part: str) -> None:
    with h5py.File(path, "r+") as file:
        del file[part]
    with pytest.raises(DatasetError, match=f"lacks {part}: pack the library again"):
        PantryFile.open(path)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("labels", [0, 1, 2, 0, 1, 3]),
        ("split", [0] * 5),
        ("offsets", [0, 1, 2, 3, 4, 5, 6]),
        ("split", [9] * 6),
        ("folds", [-2] * 6),
    ],
)
def test_parts_that_do_not_fit_are_refused(path: Path, part: str, wrong: list[int]) -> None:
    with h5py.File(path, "r+") as file:
        kind = file[part].dtype
        del file[part]
        file[part] = np.array(wrong, kind)
    with pytest.raises(DatasetError, match="parts that do not fit each other"):
        PantryFile.open(path)


def test_a_changed_label_tree_is_refused(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["products"][0] = ord("d")
    with pytest.raises(DatasetError, match="does not match its hash"):
        PantryFile.open(path)
