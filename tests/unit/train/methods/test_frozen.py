from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import CONTRACT, tiny_bundle, tiny_embedder
from tiny_training import write_tiny_pantry

from shibuya_optics.bundle import read_bundle, write_bundle
from shibuya_optics.contract import Pixels
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import BundleNotFoundError, RecipeError
from shibuya_optics.recognise import Recogniser
from shibuya_optics.senses import Look
from shibuya_optics.train.cross_validate import cross_validate
from shibuya_optics.train.data.cached_vectors import AT_ONCE, cached_vectors
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.training import Trained, train


def frozen_recipe(folder: Path, **options: object) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "tiny",
            "dataset": str(folder / "tiny.h5"),
            "method": "frozen",
            "backbone": str(folder / "tiny.optics"),
            "bundle": {"exemplars": 4},
            **options,
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset, and the bundle whose network stays frozen."""
    write_tiny_pantry(tmp_path / "tiny.h5")
    write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    return tmp_path


@pytest.fixture
def trained(folder: Path) -> Trained:
    return train(frozen_recipe(folder), folder / "runs")


def test_the_bundle_has_the_same_network_and_the_products_of_the_dataset(folder: Path, trained: Trained) -> None:
    made, source = read_bundle(trained.bundle), tiny_bundle()
    assert made.embedder == source.embedder
    assert (made.contract, made.licence) == (source.contract, source.licence)
    assert made.lineage[0]["name"] == "tiny"
    assert made.lineage[0]["ancestors"] == [dict(ancestor) for ancestor in source.lineage]
    with PantryFile.open(folder / "tiny.h5") as file:
        assert made.tree.products == file.tree.products
    assert trained.metrics["test"]["accuracy"] >= 0.9


def test_its_metrics_are_those_of_its_answers(folder: Path, trained: Trained) -> None:
    with PantryFile.open(folder / "tiny.h5") as file:
        rows = file.rows("test")
        answers = Recogniser.open(trained.bundle).identify_many([file.photo(row) for row in rows])
        truth = [file.tree.products[file.labels[row]] for row in rows]
    right = [answer.candidates[0].label == label for answer, label in zip(answers, truth, strict=True)]
    assert np.mean(right) == trained.metrics["test"]["accuracy"]


def test_photos_are_looked_at_once(folder: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(self: Look, photos: Sequence[Pixels], batch: int = 0) -> None:
        raise AssertionError

    monkeypatch.setattr(Look, "vectors", never)
    again = train(frozen_recipe(folder, probe={"c": 1.0}), folder / "runs")
    assert again.run != trained.run
    crossed = cross_validate(frozen_recipe(folder), folder / "runs")
    assert crossed.metrics["pooled"]["accuracy"] >= 0.9


def test_a_pass_that_was_killed_goes_on_where_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shibuya_optics.train.data.cached_vectors.AT_ONCE", 20)
    assert AT_ONCE > 20
    whole, looks = Look.vectors, []

    def counted(self: Look, photos: Sequence[Pixels], batch: int = 16) -> NDArray[np.float32]:
        looks.append(len(photos))
        if len(looks) == 2:
            raise KeyboardInterrupt
        return whole(self, photos, batch)

    monkeypatch.setattr(Look, "vectors", counted)
    with PantryFile.open(folder / "tiny.h5") as file:
        with pytest.raises(KeyboardInterrupt):
            cached_vectors(file, tiny_bundle().embedder, CONTRACT)
        vectors = cached_vectors(file, tiny_bundle().embedder, CONTRACT)
        assert looks == [20, 20, 20, len(file) - 40]
        seen = whole(Look(tiny_bundle().embedder, CONTRACT), [file.photo(row) for row in range(len(file))])
    np.testing.assert_allclose(vectors, seen, atol=1e-6)
    (kept,) = (folder / "tiny.h5.features").iterdir()
    assert kept.suffix == ".h5"


def test_two_that_want_the_same_vectors_look_at_each_photo_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both_there = Look.vectors, Barrier(2)
    looks: list[int] = []

    def counted(self: Look, photos: Sequence[Pixels], batch: int = 16) -> NDArray[np.float32]:
        looks.append(len(photos))
        return whole(self, photos, batch)

    def asked(_: int) -> NDArray[np.float32]:
        with PantryFile.open(folder / "tiny.h5") as file:
            both_there.wait()
            return cached_vectors(file, tiny_bundle().embedder, CONTRACT)

    monkeypatch.setattr(Look, "vectors", counted)
    monkeypatch.setattr("shibuya_optics.train.data.cached_vectors.AT_ONCE", 5)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(asked, range(2))
    with PantryFile.open(folder / "tiny.h5") as file:
        assert sum(looks) == len(file)
    np.testing.assert_array_equal(one, other)


def test_another_network_contract_or_dataset_is_looked_at_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with PantryFile.open(folder / "tiny.h5") as file:
        cached_vectors(file, tiny_embedder(), CONTRACT)
        cached_vectors(file, tiny_embedder(scale=2), CONTRACT)
        cached_vectors(file, tiny_embedder(), replace(CONTRACT, resize=40))
    monkeypatch.setattr("tiny_training.FOLDS", 2)
    with PantryFile.open(write_tiny_pantry(folder / "tiny.h5")) as file:
        cached_vectors(file, tiny_embedder(), CONTRACT)
    assert len(list((folder / "tiny.h5.features").iterdir())) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"finetune": {"epochs": 3}}, "'finetune.epochs' is of no use"),
        ({"views": {"rotation": 5}}, "'views.rotation' is of no use"),
        ({"probe": {"views": 2}}, "'probe.views' is of no use"),
        ({"bundle": {"licence": "CC0-1.0"}}, "'bundle.licence' is of no use"),
        ({"contract": {"size": 64, "resize": 64}}, "by its own contract"),
    ],
)
def test_options_that_nothing_would_follow_are_refused(folder: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        train(frozen_recipe(folder, **options), folder / "runs")
    assert not (folder / "runs").exists()


def test_a_backbone_that_is_no_bundle_is_refused(folder: Path) -> None:
    with pytest.raises(BundleNotFoundError, match="there is no bundle 'mobilenet-edgetpu'"):
        train(frozen_recipe(folder, backbone="mobilenet-edgetpu"), folder / "runs")


def test_no_training_library_is_imported(folder: Path) -> None:
    (folder / "tiny.toml").write_text(
        f'name = "tiny"\ndataset = "{folder / "tiny.h5"}"\nmethod = "frozen"\nbackbone = "{folder / "tiny.optics"}"\n'
    )
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in {'torch', 'lightning', 'cv2', 'onnx'}:\n"
        "            asked.append(name)\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "asked = []\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from shibuya_optics.cli.main import run\n"
        "status = run(['train', *sys.argv[1:]]) or run(['crossval', *sys.argv[1:]])\n"
        "assert not asked, asked\n"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "tiny.toml"), "--runs", str(folder / "runs"), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[: done.stdout.index("\n}\n") + 2])["metrics"]["test"]["photos"] == 12
