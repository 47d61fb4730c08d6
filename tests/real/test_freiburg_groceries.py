"""Freiburg Groceries, from its folder through the photo library to the dataset file."""

from __future__ import annotations

from pathlib import Path

import pytest

from shibuya_optics.dataset.freiburg_groceries import add_freiburg_groceries
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.store import PantryFile

pytestmark = pytest.mark.real
OFFICIAL = (1018, 958, 977, 995, 999)


def test_the_official_folds_come_in_unchanged(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "freiburg-groceries"
    if not folder.is_dir():
        pytest.skip(f"no Freiburg Groceries photos at {folder}")
    summary = add_freiburg_groceries(folder, tmp_path / "work")
    assert (summary.folds, summary.products, sum(summary.photos.values())) == (OFFICIAL, 25, 4947)
    assert [warning.partition(":")[0] for warning in summary.warnings[:2]] == [
        "photos with identical bytes that stand in more than one fold; no turn learns from a copy of what it is judged on",
        "photos with identical bytes that stand more than once in one split under one label, and count once in the library",
    ]
    assert "leave out 28 photos" in summary.warnings[2]
    packed = pack(tmp_path / "work", tmp_path / "pantry.h5")
    assert sum(packed.folds) == summary.added == 4942
    assert len([warning for warning in packed.warnings if "kept as they are" in warning]) == 1
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        held_out = [set(pantry.fold_rows(fold).held_out.tolist()) for fold in range(pantry.fold_count)]
        digests = [digest.tobytes() for digest in pantry.jpeg_sha256]
        assert sum(map(len, held_out)) == len(set.union(*held_out)) == len(pantry)
        for fold in range(pantry.fold_count):
            learned, judged = ({digests[row] for row in rows} for rows in pantry.fold_rows(fold))
            assert learned.isdisjoint(judged)
