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

pytestmark = pytest.mark.train
EPOCHS, PATIENCE_SECONDS = 8, 120
TRAIN = f"""
import sys
from pathlib import Path
from tiny_training import TINY_BACKBONE, tiny_recipe
from shibuya_optics.train.backbones import BACKBONES
from shibuya_optics.train.training import train
BACKBONES["tiny"] = TINY_BACKBONE
train(tiny_recipe(Path(sys.argv[1]), epochs={EPOCHS}), Path(sys.argv[2]))
"""


def start(folder: Path, runs: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "OPTICS_WEIGHTS": str(folder / "weights"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    return subprocess.Popen([sys.executable, "-c", TRAIN, str(folder / "tiny.h5"), str(folder / runs)], env=environment)


def epochs_in(runs: Path) -> int:
    return sum(max(0, len(history.read_text().splitlines()) - 1) for history in runs.glob("*/history.csv"))


def test_a_killed_training_goes_on_and_ends_as_one_that_was_left_alone(tmp_path: Path) -> None:
    write_tiny_weights(tmp_path / "weights")
    write_tiny_pantry(tmp_path / "tiny.h5")
    killed = start(tmp_path, "killed")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not epochs_in(tmp_path / "killed") and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert 1 <= epochs_in(tmp_path / "killed") < EPOCHS
    for runs in ("killed", "whole"):
        assert start(tmp_path, runs).wait(PATIENCE_SECONDS) == 0
    (resumed,), (whole,) = (list((tmp_path / runs).iterdir()) for runs in ("killed", "whole"))
    assert (resumed / "history.csv").read_text() == (whole / "history.csv").read_text()
    assert json.loads((resumed / "metrics.json").read_text()) == json.loads((whole / "metrics.json").read_text())
    assert read_bundle(resumed / "tiny.optics").embedder == read_bundle(whole / "tiny.optics").embedder
