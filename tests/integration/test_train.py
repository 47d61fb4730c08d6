from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from tiny_bundle import noisy_photo
from tiny_training import (
    COLOURS,
    CONTRACT,
    PHOTOS,
    TINY_BACKBONE,
    TinyNetwork,
    tiny_recipe,
    write_tiny_pantry,
    write_tiny_weights,
)

from shibuya_optics.bundle import read_bundle
from shibuya_optics.cli.main import run as optics
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, RecipeError
from shibuya_optics.recognise import Recogniser
from shibuya_optics.train.backbones import BACKBONES, WEIGHTS_VARIABLE
from shibuya_optics.train.bundling.onnx_export import Centred
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import plain_loader
from shibuya_optics.train.loop.probe import embed
from shibuya_optics.train.runs.event_files import last_steps
from shibuya_optics.train.training import Trained, train
from shibuya_optics.train.verify_run import verify_run

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
    assert json.loads((trained.run / "metrics.json").read_text()) == json.loads(json.dumps(trained.metrics))
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
    assert {ancestor["name"] for ancestor in bundle.lineage} == {"tiny", "photos public:tiny"}
    assert [ancestor["licence"] for ancestor in bundle.lineage] == ["MIT", "MIT"]
    assert bundle.results["test"]["accuracy"] == trained.metrics["test"]["accuracy"]
    assert f"{trained.metrics['test']['accuracy']:.3f}" in bundle.card
    assert len(bundle.exemplars) == 3 * 4


def test_the_lineage_names_what_was_left_out_and_results_tell_own_photos_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    write_tiny_weights(tmp_path / "weights")
    dataset = write_tiny_pantry(tmp_path / "tiny.h5", origin="own")
    bundle = read_bundle(train(tiny_recipe(dataset, {"leave_out": ["Fruit/Apple/Red"]}, epochs=0), tmp_path).bundle)
    (photos,) = (part for part in bundle.lineage if "photos" in part)
    assert photos["left_out"] == ["Fruit/Apple/Red"]
    assert bundle.results["test"]["by_origin"]["own"]["photos"] == 2 * PHOTOS["test"]


def test_the_command_line_says_what_was_trained_and_evaluates_it(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = trained.run.parent.parent / "tiny.h5"
    assert optics(["evaluate", str(trained.bundle), str(dataset), "--split", "test", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == trained.metrics["test"]["accuracy"]
    assert str(trained.bundle) in trained.as_text()
    assert trained.as_json()["metrics"] == trained.metrics


def test_pytorch_onnx_runtime_and_the_command_line_say_the_same(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = noisy_photo(COLOURS["Fruit/Apple/Red"], seed=5, noise=90, side=60)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    bundle = read_bundle(trained.bundle)
    scale, prototypes = bundle.decision.scale, torch.from_numpy(bundle.prototypes)

    checkpoint = torch.load(trained.run / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]
    network = TinyNetwork()
    network.load_state_dict(
        {k.removeprefix("backbone."): v for k, v in checkpoint.items() if k.startswith("backbone.")}
    )
    with PantryFile.open(trained.run.parent.parent / "tiny.h5") as file:
        vectors, _ = embed(network, plain_loader(Material.of_splits(file), file.rows("train"), CONTRACT))
    with torch.no_grad():
        embedding = Centred(network, torch.from_numpy(vectors.mean(axis=0)))(torch.from_numpy(CONTRACT.tensor([photo])))
    by_torch = scale * (torch.nn.functional.normalize(embedding, dim=1) @ prototypes.T).numpy()

    session = onnxruntime.InferenceSession(bundle.embedder)
    (seen,) = session.run(None, {"images": CONTRACT.tensor([photo])})
    by_onnx_runtime = scale * (seen / np.linalg.norm(seen, axis=1, keepdims=True)) @ bundle.prototypes.T

    assert optics(["identify", str(tmp_path / "photo.png"), "--bundle", str(trained.bundle), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    by_recogniser = Recogniser(bundle).scores([tmp_path / "photo.png"])
    np.testing.assert_allclose(by_onnx_runtime, by_torch, atol=1e-4)
    np.testing.assert_allclose(bundle.decision.temperature * by_recogniser.logits, by_torch, atol=1e-4)
    best_first = [bundle.tree.products[i] for i in np.argsort(-by_torch[0])]
    assert [candidate["label"] for candidate in answer["candidates"]] == best_first
    shares = [candidate["confidence"] for candidate in answer["candidates"]]
    assert shares == pytest.approx(sorted(by_recogniser.confidences[0].tolist(), reverse=True), abs=1e-6)


def test_the_run_comes_out_again_to_the_last_bit(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(trained.run.parent.parent / "weights"))
    verified = verify_run(trained.run)
    assert verified.same_network
    assert verified.largest_difference <= 1e-6


def test_each_epoch_is_told_to_those_who_follow_once(trained: Trained) -> None:
    last = last_steps(trained.run / "events")
    assert last["validation_accuracy"] == last["train_loss"] == 4
    assert last["test/accuracy"] == 0


def test_a_dataset_without_validation_photos_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiny_training.PHOTOS", {"train": 2})
    recipe = tiny_recipe(write_tiny_pantry(tmp_path / "tiny.h5"))
    with pytest.raises(DatasetError, match="has no validation photos"):
        train(recipe, tmp_path / "runs")


def test_numbers_on_another_scale_than_the_starting_weights_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
    recipe = tiny_recipe(write_tiny_pantry(tmp_path / "tiny.h5"))
    other = recipe.model_copy(update={"contract": replace(recipe.contract, mean=(0.485, 0.456, 0.406))})
    with pytest.raises(RecipeError, match=r"give mean \(0\.5, 0\.5, 0\.5\)"):
        train(other, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_no_epochs_leave_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    write_tiny_weights(tmp_path / "weights")
    trained = train(tiny_recipe(write_tiny_pantry(tmp_path / "tiny.h5"), epochs=0), tmp_path / "runs")
    assert trained.metrics["validation"]["accuracy"] > 0.5
    assert not (trained.run / "history.csv").exists()


def test_a_recipe_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert optics(["train", "no-such-recipe.toml"]) == 2
    assert capsys.readouterr().err.startswith("optics: no recipe at no-such-recipe.toml")
