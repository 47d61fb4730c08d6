from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shibuya_optics.errors import MissingExtraError, RunError
from shibuya_optics.train.runs.event_files import scalars_in
from shibuya_optics.train.runs.mlflow_run import MLFLOW_VARIABLE, MlflowRun
from shibuya_optics.train.runs.trackers import numbers_in, trackers


def events(folder: Path) -> list[tuple[str, int]]:
    """Name and step of all events of a folder."""
    return [(name, step) for path in sorted(folder.iterdir()) for step, name, _ in scalars_in(path.read_bytes())]


class FakeClient:
    """What is used of MLflow's client, kept in memory between its makings."""

    runs: dict[str, list[tuple[str, float, int]]]

    def get_experiment_by_name(self, name: str) -> None:
        return None

    def create_experiment(self, name: str) -> str:
        return "1"

    def create_run(self, experiment_id: str, run_name: str) -> SimpleNamespace:
        self.runs[f"id-{len(self.runs)}"] = []
        return SimpleNamespace(info=SimpleNamespace(run_id=f"id-{len(self.runs) - 1}"))

    def log_param(self, run_id: str, name: str, value: object) -> None:
        assert name == "seed"

    def log_metric(self, run_id: str, name: str, value: float, step: int) -> None:
        self.runs[run_id].append((name, value, step))

    def get_metric_history(self, run_id: str, name: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(step=step) for key, _, step in self.runs[run_id] if key == name]

    def set_terminated(self, run_id: str) -> None:
        self.runs[run_id].append(("terminated", 1.0, 0))


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> type[FakeClient]:
    monkeypatch.setattr(FakeClient, "runs", {}, raising=False)
    monkeypatch.setitem(sys.modules, "mlflow", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", SimpleNamespace(MlflowException=ValueError))
    monkeypatch.setitem(sys.modules, "mlflow.tracking", SimpleNamespace(MlflowClient=FakeClient))
    monkeypatch.setenv(MLFLOW_VARIABLE, "file:somewhere")
    return FakeClient


def test_mlflow_gets_one_run_a_run_folder_and_each_step_once(tmp_path: Path, mlflow: type[FakeClient]) -> None:
    for steps in ((1, 2), (2, 3)):
        with trackers(tmp_path, {"seed": 1}) as following, following.below("fold-0") as fold:
            for step in steps:
                fold.scalars({"loss": 1 / step}, step)
    with trackers(tmp_path, {"seed": 1}) as following:
        following.finish({"test": {"accuracy": 0.5, "named": ["no number"]}})
    assert mlflow.runs == {
        "id-0": [
            ("fold-0/loss", 1.0, 1),
            ("fold-0/loss", 0.5, 2),
            ("fold-0/loss", 1 / 3, 3),
            ("test/accuracy", 0.5, 0),
            ("terminated", 1.0, 0),
        ]
    }
    assert events(tmp_path / "events") == [("test/accuracy", 0)]
    assert [step for _, step in events(tmp_path / "fold-0" / "events")] == [1, 2, 3]


def test_a_server_that_goes_away_ends_no_training(
    tmp_path: Path, mlflow: type[FakeClient], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise ConnectionError("gone")

    with trackers(tmp_path, {}) as following:
        monkeypatch.setattr(FakeClient, "log_metric", gone)
        following.scalars({"loss": 0.5}, 1)
    assert "MLflow was not told of step 1: gone" in caplog.text


def test_mlflow_that_cannot_be_used_or_is_not_installed_is_one_clear_error(
    tmp_path: Path, mlflow: type[FakeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise ValueError("no such store")

    monkeypatch.setattr(FakeClient, "get_experiment_by_name", refused)
    with pytest.raises(RunError, match="MLflow at file:somewhere cannot be used .no such store.: start it, or unset"):
        MlflowRun.of(tmp_path, {})
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", None)
    with pytest.raises(MissingExtraError, match=r"shibuya-optics\[track\]"):
        MlflowRun.of(tmp_path, {})


def test_nothing_is_asked_of_mlflow_where_it_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MLFLOW_VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with trackers(tmp_path, {}) as following:
        following.scalars({"loss": 0.5}, 1)
    assert not (tmp_path / "mlflow.json").exists()


def test_mlflow_itself_takes_a_run_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow", reason="MLflow needs the part [track]")
    monkeypatch.setenv(MLFLOW_VARIABLE, (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # MLflow 3 refuses folders else
    (tmp_path / "run").mkdir()
    for step in (1, 1, 2):
        with trackers(tmp_path / "run", {"seed": 1}) as following:
            following.scalars({"loss": 0.5}, step)
    run_id = json.loads((tmp_path / "run" / "mlflow.json").read_text())["run_id"]
    (lines,) = [path.read_text().splitlines() for path in (tmp_path / "mlruns").rglob("loss") if run_id in str(path)]
    assert [line.split()[2] for line in lines] == ["1", "2"]


def test_numbers_are_found_with_the_keys_that_lead_to_them() -> None:
    document = {"test": {"accuracy": 0.5, "right": True, "none": None}, "folds": [{"photos": 3}], "name": "no number"}
    assert dict(numbers_in(document)) == {"test/accuracy": 0.5, "folds/0/photos": 3.0}
