from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_training import write_tiny_pantry, write_tiny_weights

from shibuya_optics.bundle import read_bundle
from shibuya_optics.train.runs.event_files import scalars_in

pytestmark = pytest.mark.train
EPOCHS, PATIENCE_SECONDS = 6, 300
CODE = f"""
import sys
from pathlib import Path
from tiny_training import TINY_BACKBONE, tiny_recipe
from shibuya_optics.train.backbones import BACKBONES
from shibuya_optics.train.cross_validate import cross_validate
from shibuya_optics.train.training import train
BACKBONES["tiny"] = TINY_BACKBONE
verb = {{"train": train, "crossval": cross_validate}}[sys.argv[3]]
verb(tiny_recipe(Path(sys.argv[1]), epochs={EPOCHS}), Path(sys.argv[2]))
"""


def start(folder: Path, runs: str, verb: str = "train") -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OPTICS_WEIGHTS": str(folder / "weights"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    arguments = [str(folder / "tiny.h5"), str(folder / runs), verb]
    return subprocess.Popen([sys.executable, "-c", CODE, *arguments], env=environment)


def kill_in_the_middle(process: subprocess.Popen[bytes], training: Path, pattern: str) -> None:
    """Send SIGKILL once the history that the pattern names has an epoch, and before it has them all."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not epochs_in(training, pattern) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 1 <= epochs_in(training, pattern) < EPOCHS


def epochs_in(runs: Path, pattern: str) -> int:
    return sum(max(0, len(history.read_text().splitlines()) - 1) for history in runs.glob(pattern))


def steps_told(events: Path) -> list[tuple[str, int]]:
    """The names and steps of all TensorBoard events of a folder."""
    return sorted((name, step) for path in events.iterdir() for step, name, _ in scalars_in(path.read_bytes()))


def test_a_killed_training_goes_on_and_ends_as_one_that_was_left_alone(tmp_path: Path) -> None:
    write_tiny_weights(tmp_path / "weights")
    write_tiny_pantry(tmp_path / "tiny.h5")
    kill_in_the_middle(start(tmp_path, "killed"), tmp_path / "killed", "*/history.csv")
    for runs in ("killed", "whole"):
        assert start(tmp_path, runs).wait(PATIENCE_SECONDS) == 0
    (resumed,), (whole,) = (list((tmp_path / runs).iterdir()) for runs in ("killed", "whole"))
    assert (resumed / "history.csv").read_text() == (whole / "history.csv").read_text()
    assert json.loads((resumed / "metrics.json").read_text()) == json.loads((whole / "metrics.json").read_text())
    assert read_bundle(resumed / "tiny.optics").embedder == read_bundle(whole / "tiny.optics").embedder
    assert steps_told(resumed / "events") == steps_told(whole / "events")


def test_a_cross_validation_killed_inside_a_fold_goes_on_and_ends_as_one_that_was_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiny_training.FOLDS", 2)
    write_tiny_weights(tmp_path / "weights")
    write_tiny_pantry(tmp_path / "tiny.h5")
    killed = start(tmp_path, "killed", "crossval")
    kill_in_the_middle(killed, tmp_path / "killed", "*/fold-1/history.csv")
    (run,) = (tmp_path / "killed").iterdir()
    first_fold = (run / "fold-0" / "predictions.npz").stat()
    for runs in ("killed", "whole"):
        assert start(tmp_path, runs, "crossval").wait(PATIENCE_SECONDS) == 0
    (resumed,), (whole,) = (list((tmp_path / runs).iterdir()) for runs in ("killed", "whole"))
    assert (resumed / "fold-0" / "predictions.npz").stat().st_mtime_ns == first_fold.st_mtime_ns
    for name in ("metrics.json", "out_of_fold.npz", "fold-1/history.csv"):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    assert steps_told(resumed / "fold-1" / "events") == steps_told(whole / "fold-1" / "events")
