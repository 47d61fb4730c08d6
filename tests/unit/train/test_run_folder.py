from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tiny_training import tiny_recipe

from shibuya_optics.errors import RunError
from shibuya_optics.train.run_folder import finish_run, open_run

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_run_folder_names_time_recipe_and_hash_and_records_its_surroundings(tmp_path: Path) -> None:
    run = open_run(tmp_path, tiny_recipe(tmp_path / "tiny.h5"), "abc", NOW)
    assert run.name.startswith("20260102T030405-tiny-")
    record = json.loads((run / "record.json").read_text())
    assert record["dataset_hash"] == "abc"
    assert record["packages"]["torch"].startswith("2.")
    assert record["cores"] >= 1
    assert json.loads((run / "recipe.json").read_text())["finetune"]["epochs"] == 3


def test_an_unfinished_run_is_taken_up_and_a_finished_one_is_left(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path / "tiny.h5")
    run = open_run(tmp_path, recipe, "abc", NOW)
    assert open_run(tmp_path, recipe, "abc") == run
    assert open_run(tmp_path, recipe, "another dataset") != run
    assert open_run(tmp_path, tiny_recipe(tmp_path / "tiny.h5", epochs=4), "abc") != run
    finish_run(run)
    assert open_run(tmp_path, recipe, "abc") != run


def test_no_folder_can_be_made_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match="no run folder can be made"):
        open_run(tmp_path / "runs", tiny_recipe(tmp_path / "tiny.h5"), "abc")
