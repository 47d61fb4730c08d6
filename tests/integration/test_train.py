from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_training import COLOURS, TINY_BACKBONE, tiny_recipe, write_tiny_pantry, write_tiny_weights

from shibuya_optics.bundle import read_bundle
from shibuya_optics.cli.main import run as optics
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError
from shibuya_optics.recognise import Recogniser
from shibuya_optics.train.backbones import BACKBONES, WEIGHTS_VARIABLE
from shibuya_optics.train.training import Trained, train

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One run from recipe to bundle, shared by the tests below."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        patched.setenv(WEIGHTS_VARIABLE, str(folder / "weights"))
        write_tiny_weights(folder / "weights")
        recipe = tiny_recipe(write_tiny_pantry(folder / "tiny.h5"), epochs=4)
        return train(recipe, folder / "runs")


def test_a_run_leaves_all_that_tells_how_its_bundle_came_about(trained: Trained) -> None:
    names = {path.name for path in trained.run.iterdir()}
    assert names >= {"recipe.json", "record.json", "probe.json", "history.csv", "metrics.json", "finished"}
    assert json.loads((trained.run / "metrics.json").read_text()) == trained.metrics
    assert trained.metrics["test"]["photos"] == 12
    assert trained.metrics["largest_logit_difference"] <= 1e-4


def test_the_bundle_names_the_products_it_was_trained_on(trained: Trained) -> None:
    dataset = trained.run.parent.parent / "tiny.h5"
    assert trained.metrics["test"]["accuracy"] >= 0.9
    recogniser = Recogniser.open(trained.bundle)
    with PantryFile.open(dataset) as file:
        rows = file.rows("test")
        answers = recogniser.identify_many([file.photo(row) for row in rows])
        truth = [file.tree.products[file.labels[row]] for row in rows]
    best = [answer.candidates[0].label for answer in answers]
    assert np.mean([a == b for a, b in zip(best, truth, strict=True)]) == trained.metrics["test"]["accuracy"]


def test_the_bundle_tells_its_lineage_and_results(trained: Trained) -> None:
    bundle = read_bundle(trained.bundle)
    assert bundle.tree.products == tuple(sorted(COLOURS))
    assert {ancestor["name"] for ancestor in bundle.lineage} == {"tiny", "dataset"}
    assert bundle.results["test"]["accuracy"] == trained.metrics["test"]["accuracy"]
    assert f"{trained.metrics['test']['accuracy']:.3f}" in bundle.card
    assert len(bundle.exemplars) == 3 * 4


def test_the_command_line_says_what_was_trained_and_evaluates_it(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = trained.run.parent.parent / "tiny.h5"
    assert optics(["evaluate", str(trained.bundle), str(dataset), "--split", "test", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == trained.metrics["test"]["accuracy"]
    assert str(trained.bundle) in trained.as_text()
    assert trained.as_json()["metrics"] == trained.metrics


def test_a_dataset_without_validation_photos_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiny_training.PHOTOS", {"train": 2})
    recipe = tiny_recipe(write_tiny_pantry(tmp_path / "tiny.h5"))
    with pytest.raises(DatasetError, match="has no validation photos"):
        train(recipe, tmp_path / "runs")


def test_a_recipe_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert optics(["train", "no-such-recipe.toml"]) == 2
    assert capsys.readouterr().err.startswith("optics: no recipe at no-such-recipe.toml")
