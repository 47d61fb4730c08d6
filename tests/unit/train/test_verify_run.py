from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tiny_bundle import tiny_bundle
from tiny_training import write_tiny_pantry

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run as optics
from shibuya_optics.errors import RunError
from shibuya_optics.files import write_json
from shibuya_optics.train.cross_validate import cross_validate
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.run_folder import FINISHED, METRICS, RECORD, file_hashes
from shibuya_optics.train.training import train
from shibuya_optics.train.verify_run import check_files, differences_of, verify_run


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    write_tiny_pantry(tmp_path / "tiny.h5")
    write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    options = {"name": "tiny", "dataset": tmp_path / "tiny.h5", "method": "frozen"}
    return Recipe.model_validate({**options, "backbone": str(tmp_path / "tiny.optics")})


@pytest.fixture
def run(recipe: Recipe, tmp_path: Path) -> Path:
    return train(recipe, tmp_path / "runs").run


def rewritten(run: Path, name: str, document: object) -> None:
    """Put another document into a finished run, and its hash, too: as if the run had been so."""
    (run / name).unlink()
    write_json(run / name, document)
    finished = json.loads((run / FINISHED).read_text())
    (run / FINISHED).unlink()
    write_json(run / FINISHED, {**finished, "files": file_hashes(run)})


def test_a_run_comes_out_again_to_the_last_bit(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert optics(["verify", str(run), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["same_machine"], document["tolerance"], document["largest_difference"]) == (True, 1e-6, 0.0)
    assert document["same_network"] is True
    assert document["compared"] > 10
    assert [path.name for path in run.parent.iterdir()] == [run.name]


def test_a_cross_validation_comes_out_again(recipe: Recipe, tmp_path: Path) -> None:
    verified = verify_run(cross_validate(recipe, tmp_path / "runs").run)
    assert verified.same_network is None
    assert verified.largest_difference == 0


def test_other_numbers_are_one_clear_line(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = json.loads((run / METRICS).read_text())
    metrics["test"]["ece"] += 1e-4
    rewritten(run, METRICS, metrics)
    assert optics(["verify", str(run)]) == 2
    said = capsys.readouterr().err
    assert "does not come out the same: test/ece differs by 0.0001, at most 1e-06 is accepted" in said
    assert said.count("\n") == 1


def test_elsewhere_shares_are_compared_and_what_differs_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics, record = (json.loads((run / name).read_text()) for name in (METRICS, RECORD))
    metrics["test"]["ece"] += 0.1
    rewritten(run, METRICS, metrics)
    rewritten(run, RECORD, {**record, "processor": "abacus"})
    assert optics(["verify", str(run), "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["same_machine"], document["tolerance"]) == (False, 0.02)
    assert document["differences"]["processor"][0] == "abacus"
    assert "processor is" in printed.err
    metrics["test"]["accuracy"] -= 0.1
    rewritten(run, METRICS, metrics)
    with pytest.raises(RunError, match="test/accuracy differs by 0.1, .* since then changed: processor"):
        verify_run(run)


def test_a_changed_missing_or_added_file_is_named_before_anything_runs(run: Path) -> None:
    check_files(run)
    (run / "notes.txt").write_text("added")
    with pytest.raises(RunError, match="changed since it was finished: notes.txt"):
        verify_run(run)
    (run / "notes.txt").unlink()
    (run / METRICS).chmod(0o644)
    (run / METRICS).write_text("{}")
    with pytest.raises(RunError, match=r"changed since it was finished: metrics.json"):
        verify_run(run)
    (run / "predictions.npz").unlink()
    with pytest.raises(RunError, match=r"metrics.json, predictions.npz"):
        verify_run(run)


def test_another_dataset_in_the_same_place_is_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiny_training.FOLDS", 2)
    write_tiny_pantry(tmp_path / "tiny.h5")
    with pytest.raises(RunError, match="is not the one of .*pack the library as it was"):
        verify_run(run)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(run, tmp_path / "unfinished")
    (tmp_path / "unfinished" / FINISHED).unlink()
    for folder, message in ((tmp_path, "is no run folder"), (tmp_path / "unfinished", "is not finished")):
        assert optics(["verify", str(folder)]) == 2
        assert message in capsys.readouterr().err


def test_a_number_that_is_missing_is_infinitely_far() -> None:
    assert differences_of({"a": 1, "b": {"c": 2}}, {"a": 1.5}) == {"a": 0.5, "b/c": float("inf")}
    shares = {"test": {"accuracy": 0.5, "ece": 0.1}, "accuracy": {"mean": 0.5, "sd": 0.1}, "folds": [{"accuracy": 1}]}
    assert set(differences_of(shares, shares, shares_only=True)) == {"test/accuracy", "accuracy/mean"}
