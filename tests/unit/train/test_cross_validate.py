from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_training import FOLDS, TINY_BACKBONE, tiny_recipe, write_tiny_pantry, write_tiny_weights

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, RunError
from shibuya_optics.train.backbones import BACKBONES, WEIGHTS_VARIABLE
from shibuya_optics.train.cross_validate import CrossValidated, copied, cross_validate
from shibuya_optics.train.methods import finetuned
from shibuya_optics.train.runs.predictions import Predictions
from shibuya_optics.train.runs.run_folder import OUT_OF_FOLD

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> CrossValidated:
    """One cross-validation, shared by the tests below; its dataset and weights lie beside its runs."""
    folder = tmp_path_factory.mktemp("crossed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        patched.setenv(WEIGHTS_VARIABLE, str(folder / "weights"))
        write_tiny_weights(folder / "weights")
        return cross_validate(tiny_recipe(write_tiny_pantry(folder / "tiny.h5"), epochs=1), folder / "runs")


def test_every_photo_is_judged_once_by_a_network_that_has_not_seen_it(crossed: CrossValidated) -> None:
    predictions = Predictions.read(crossed.run / OUT_OF_FOLD)
    with PantryFile.open(crossed.run.parent.parent / "tiny.h5") as file:
        assert sorted(predictions.rows.tolist()) == np.flatnonzero(file.folds >= 0).tolist()
        assert [int(part.removeprefix("fold-")) for part in predictions.parts] == file.folds[predictions.rows].tolist()
        assert predictions.sha256.tolist() == [file.sha256[row] for row in predictions.rows]
        assert predictions.truth.tolist() == file.labels[predictions.rows].tolist()
    assert crossed.metrics["pooled"]["accuracy"] == np.mean(predictions.logits.argmax(axis=1) == predictions.truth)
    assert crossed.metrics["pooled"]["accuracy"] > 0.8
    assert [fold["learned"] + fold["photos"] for fold in crossed.metrics["folds"]] == [36] * FOLDS
    assert json.loads((crossed.run / "metrics.json").read_text()) == json.loads(json.dumps(crossed.metrics))
    assert json.loads((crossed.run / "record.json").read_text())["verb"] == "crossval"
    assert (crossed.run / "finished").exists()


def test_an_interrupted_one_keeps_its_finished_folds_and_ends_as_one_left_alone(
    crossed: CrossValidated, tiny_weights: Path, tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, whole, trained = tiny_recipe(tiny_pantry, epochs=1), finetuned.logits, []

    def stopped(*arguments: object, **options: object) -> object:
        trained.append(arguments[3])
        if len(trained) == 2:
            raise RunError("stopped")
        return whole(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(finetuned, "logits", stopped)
    with pytest.raises(RunError, match="stopped"):
        cross_validate(recipe, tmp_path / "again")
    resumed = cross_validate(recipe, tmp_path / "again")
    assert [folder.name for folder in trained if isinstance(folder, Path)] == ["fold-0", "fold-1", "fold-1", "fold-2"]
    assert resumed.metrics == crossed.metrics
    assert (resumed.run / OUT_OF_FOLD).read_bytes() == (crossed.run / OUT_OF_FOLD).read_bytes()


def test_a_dataset_without_folds_is_refused(
    tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiny_training.FOLDS", 1)
    with pytest.raises(DatasetError, match="optics pack --folds"):
        cross_validate(tiny_recipe(write_tiny_pantry(tmp_path / "tiny.h5")), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_copies_are_found_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiny_training.noisy_photo", lambda *_, **__: np.zeros((48, 48, 3), np.uint8))
    with PantryFile.open(write_tiny_pantry(tmp_path / "tiny.h5")) as file:
        assert copied(file).all()
    monkeypatch.undo()
    with PantryFile.open(write_tiny_pantry(tmp_path / "other.h5")) as file:
        assert not copied(file).any()
