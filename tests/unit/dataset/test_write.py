from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import BATCH_BYTES, BATCH_ROWS, Row, write_pantry
from shibuya_optics.errors import DatasetError, UnknownLabelError
from shibuya_optics.labels import LabelTree

TREE = LabelTree(("Salt",))
ROW = Row(jpeg=b"abc", label="Salt", split="train", origin="own", group=None, sha256="0" * 64, width=1, height=1)


def test_more_than_one_batch_joins_without_a_seam(tmp_path: Path) -> None:
    pieces = [bytes([i]) * (3 << 20) for i in range(7)]
    assert sum(map(len, pieces)) > 2 * BATCH_BYTES
    write_pantry(tmp_path / "pantry.h5", (replace(ROW, jpeg=piece) for piece in pieces), TREE)
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert [pantry.jpeg(i) for i in range(7)] == pieces


def test_more_rows_than_are_held_at_once_join_without_a_seam(tmp_path: Path) -> None:
    count = BATCH_ROWS + 3
    write_pantry(tmp_path / "pantry.h5", (replace(ROW, jpeg=b"%06d" % i, width=i + 1) for i in range(count)), TREE)
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert pantry.width.tolist() == list(range(1, count + 1))
        assert all(pantry.jpeg(i) == b"%06d" % i for i in (0, BATCH_ROWS - 1, BATCH_ROWS, count - 1))
        assert len(pantry.origins) == len(pantry.sha256) == len(pantry.jpeg_sha256) == count


@pytest.mark.parametrize("fold", [-1, 127])
def test_a_fold_out_of_range_is_refused(tmp_path: Path, fold: int) -> None:
    with pytest.raises(DatasetError, match=f"fold {fold}: give 0 to 126, or none"):
        write_pantry(tmp_path / "pantry.h5", [replace(ROW, fold=fold)], TREE)


def test_memory_stays_flat(tmp_path: Path) -> None:
    def rows() -> Iterator[Row]:
        for i in range(64):
            yield replace(ROW, jpeg=bytes([i]) * (1 << 20))

    tracemalloc.start()
    try:
        write_pantry(tmp_path / "pantry.h5", rows(), TREE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * BATCH_BYTES


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def broken() -> Iterator[Row]:
        yield ROW
        raise KeyboardInterrupt

    path = tmp_path / "pantry.h5"
    write_pantry(path, [ROW], TREE)
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_pantry(path, broken(), TREE)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_rows_give_the_same_file(tmp_path: Path) -> None:
    hashes = [write_pantry(tmp_path / name, [ROW, replace(ROW, group="shoot")], TREE) for name in ("a.h5", "b.h5")]
    assert hashes[0] == hashes[1]
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize(
    "change",
    [{"jpeg": b"abd"}, {"split": "test"}, {"origin": "web"}, {"group": "shoot"}, {"label": "Pepper"}, {"fold": 0}],
)
def test_each_hashed_field_changes_the_hash(tmp_path: Path, change: dict[str, object]) -> None:
    tree = LabelTree(("Pepper", "Salt"))
    changed = replace(ROW, **change)  # type: ignore[arg-type]
    assert write_pantry(tmp_path / "a.h5", [ROW], tree) != write_pantry(tmp_path / "b.h5", [changed], tree)


def test_no_photos_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no photos to pack"):
        write_pantry(tmp_path / "pantry.h5", [], TREE)
    assert list(tmp_path.iterdir()) == []


def test_a_label_outside_the_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownLabelError, match="no product 'Pepper'"):
        write_pantry(tmp_path / "pantry.h5", [replace(ROW, label="Pepper")], TREE)


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "pantry.h5").mkdir()
    with pytest.raises(DatasetError, match=r"pantry\.h5 cannot be written \(Is a directory\)"):
        write_pantry(tmp_path / "pantry.h5", [ROW], TREE)


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(DatasetError, match=r"pantry\.h5 cannot be written \([A-Z][a-z ]+\): give a file"):
        write_pantry(tmp_path / "work" / "pantry.h5", [ROW], TREE)
