from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_training import tiny_recipe

from shibuya_optics.cli.main import run as optics
from shibuya_optics.errors import RunError
from shibuya_optics.evaluate.paired import compare
from shibuya_optics.files import write_json
from shibuya_optics.train.runs.compare import compare_runs
from shibuya_optics.train.runs.predictions import Predictions
from shibuya_optics.train.runs.run_folder import METRICS, OUT_OF_FOLD, PREDICTIONS, Verb, finish_run, open_run

PRODUCTS = ("Dairy/Milk/A", "Dairy/Milk/B")
# Of each photo: the true product, and which of the two runs names it. Four shoots of five photos each.
TRUTH = np.repeat([0, 1], 10)
RIGHT_A = np.array([True] * 10 + [True] * 5 + [False] * 5)
RIGHT_B = np.array([False] * 6 + [True] * 4 + [True] * 6 + [False] * 4)


def finished(
    runs: Path, name: str, right: np.ndarray, *, dataset: str = "abc", verb: Verb = "train", epochs: int = 3
) -> Path:
    """A finished run that has these photos right; its photos are stored in another order than those of other names."""
    run = open_run(runs, tiny_recipe(Path("tiny.h5"), {"name": name}, epochs=epochs), dataset, verb=verb)
    order = np.random.default_rng(len(name)).permutation(len(right))
    truth = TRUTH[: len(right)]
    best = np.where(right, truth, 1 - truth)
    predictions = Predictions(
        products=PRODUCTS,
        rows=order.astype(np.int64),
        sha256=np.array([f"{row:064x}" for row in order]),
        truth=truth[order],
        logits=np.eye(2, dtype=np.float32)[best[order]],
        parts=np.full(len(order), "fold-0" if verb == "crossval" else "test"),
        groups=np.array([f"shoot {row // 5}" for row in order]),
    )
    predictions.write(run / (OUT_OF_FOLD if verb == "crossval" else PREDICTIONS))
    write_json(run / METRICS, {})
    finish_run(run)
    return run


@pytest.mark.parametrize("verb", ["train", "crossval"])
def test_runs_are_compared_photo_by_photo_in_their_groups(verb: Verb, tmp_path: Path) -> None:
    a = finished(tmp_path, "a", RIGHT_A, verb=verb)
    b = finished(tmp_path, "another", RIGHT_B, verb=verb, epochs=4)
    compared = compare_runs(a, b)
    assert (compared.accuracy_a, compared.accuracy_b) == (0.75, 0.5)
    assert compared.comparison == compare(RIGHT_A, RIGHT_B, [f"shoot {row // 5}" for row in range(20)])
    assert compared.comparison.groups == 4
    assert compared.options == {"name": ["a", "another"], "finetune.epochs": [3, 4]}
    assert [(shift.label, shift.accuracy_a, shift.accuracy_b) for shift in compared.better] == [
        ("Dairy/Milk/A", 1.0, 0.4)
    ]
    assert [(shift.label, shift.photos) for shift in compared.worse] == [("Dairy/Milk/B", 10)]


def test_what_was_not_judged_on_the_same_photos_is_refused(tmp_path: Path) -> None:
    a = finished(tmp_path, "a", RIGHT_A)
    with pytest.raises(RunError, match="judged on different datasets .abc and xyz."):
        compare_runs(a, finished(tmp_path, "b", RIGHT_B, dataset="xyz"))
    with pytest.raises(RunError, match="one is a cross-validation"):
        compare_runs(a, finished(tmp_path, "c", RIGHT_B, verb="crossval"))
    with pytest.raises(RunError, match="judged on different photos .20 and 19."):
        compare_runs(a, finished(tmp_path, "d", RIGHT_B[:19], dataset="abc"))
    with pytest.raises(RunError, match="was not judged on validation photos"):
        compare_runs(a, a, "validation")
    with pytest.raises(RunError, match="is no run folder"):
        compare_runs(a, tmp_path)


def test_the_command_line_tells_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = finished(tmp_path, "a", RIGHT_A), finished(tmp_path, "another", RIGHT_B, epochs=4)
    assert optics(["compare", str(a), str(b), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(json.dumps(compare_runs(a, b).as_json()))
    assert document["difference"] == 0.25
    assert optics(["compare", str(a), str(b)]) == 0
    printed = capsys.readouterr().out
    assert "A - B = +0.250" in printed
    assert "finetune.epochs: 3, 4" in printed
    assert "Dairy/Milk/A: 1.000, 0.400 (10 photos)" in printed
    assert optics(["compare", str(a), str(tmp_path)]) == 2
