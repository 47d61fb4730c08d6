from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tiny_training import tiny_recipe

from shibuya_optics.errors import RunError
from shibuya_optics.train.runs.run_folder import METRICS, finish_run, held, open_run, read_run
from shibuya_optics.train.runs.surroundings import differences, is_same_machine, surroundings

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


def test_a_run_is_worked_on_by_one_process_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(RunError, match=f"another process is at work on {tmp_path}"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_who_is_refused_leaves_no_word_on_the_record(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path / "tiny.h5")
    run = open_run(tmp_path, recipe, "abc", NOW)
    before = (run / "record.json").read_bytes()
    with held(run), pytest.raises(RunError, match="another process is at work"):
        open_run(tmp_path, recipe, "abc")
    assert (run / "record.json").read_bytes() == before


def test_no_folder_can_be_made_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match="no run folder can be made"):
        open_run(tmp_path / "runs", tiny_recipe(tmp_path / "tiny.h5"), "abc")


def test_a_cross_validation_is_another_run_than_a_training(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path / "tiny.h5")
    run = open_run(tmp_path, recipe, "abc", NOW)
    assert open_run(tmp_path, recipe, "abc", NOW, verb="crossval") != run


def test_taking_a_run_up_again_is_on_its_record_with_what_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny_recipe(tmp_path / "tiny.h5")
    run = open_run(tmp_path, recipe, "abc", NOW)
    monkeypatch.setattr("shibuya_optics.train.runs.surroundings._processor", lambda: "abacus")
    open_run(tmp_path, recipe, "abc")
    (resumed,) = json.loads((run / "record.json").read_text())["resumed"]
    assert resumed["changed"]["processor"][1] == "abacus"


def test_a_finished_run_has_its_hashes_and_is_not_written_to(tmp_path: Path) -> None:
    run = open_run(tmp_path, tiny_recipe(tmp_path / "tiny.h5"), "abc", NOW)
    (run / "fold-0").mkdir()
    (run / "fold-0" / "history.csv").write_text("epoch\n")
    (run / METRICS).write_text("{}")
    finish_run(run)
    files = read_run(run).files
    assert files["fold-0/history.csv"] == hashlib.sha256(b"epoch\n").hexdigest()
    assert set(files) == {"recipe.json", "record.json", "metrics.json", "fold-0/history.csv"}
    assert all(path.stat().st_mode & 0o222 == 0 for path in run.rglob("*") if path.is_file())


def test_what_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run folder"):
        read_run(tmp_path)
    run = open_run(tmp_path, tiny_recipe(tmp_path / "tiny.h5"), "abc", NOW)
    with pytest.raises(RunError, match="is not finished: run its recipe again"):
        read_run(run)
    (run / METRICS).write_text("{}")
    (run / "finished").write_text("2026-01-02T03:04:05\n")
    with pytest.raises(RunError, match="an older version made it"):
        read_run(run)


def test_another_version_or_processor_is_another_machine_and_another_commit_is_not() -> None:
    here = surroundings()
    assert is_same_machine(here, here)
    assert not differences(here, here)
    assert is_same_machine(here, {**here, "git": {"commit": "0"}})
    assert list(differences(here, {**here, "git": {"commit": "0"}})) == ["git"]
    older = {**here, "packages": {**here["packages"], "numpy": "2.0"}, "processor": "abacus"}
    assert not is_same_machine(here, older)
    assert set(differences(here, older)) == {"numpy", "processor"}
