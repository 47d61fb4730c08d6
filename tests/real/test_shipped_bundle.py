from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.cli.main import run as optics
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.photo import read_photo
from shibuya_optics.recognise import Catalogue, Recogniser
from shibuya_optics.recognise.catalogue.catalogue import cosines
from shibuya_optics.recognise.catalogue.teaching import teach

pytestmark = pytest.mark.real
CROPS, DRAWS = 5, 50


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.open()


@pytest.fixture(scope="module")
def test_vectors(recogniser: Recogniser, grocery_store: PantryFile) -> np.ndarray:
    return recogniser.vectors(grocery_store.jpeg(row) for row in grocery_store.rows("test"))


@pytest.fixture(scope="module")
def fridge(recogniser: Recogniser, shared: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Vectors and products of the crops in `positive` and `testImages`."""
    folder = shared / "data" / "fridge"
    parts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    boxes = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    for part in ("positive", "testImages"):
        crops, products = [], []
        for name in sorted(name for name in boxes if name.startswith(f"{part}/")):
            photo = read_photo(folder / name)
            for product, left, top, right, bottom in boxes[name]:
                crops.append(np.ascontiguousarray(photo[top:bottom, left:right]))
                products.append(product)
        parts[part] = recogniser.vectors(crops), np.array(products)
    return parts


def taught_fridge(catalogue: Catalogue, lessons: tuple[np.ndarray, np.ndarray], seed: int) -> Catalogue:
    vectors, products = lessons
    rng = np.random.default_rng(seed)
    for product in sorted(set(products.tolist())):
        chosen = rng.permutation(np.flatnonzero(products == product))[:CROPS]
        catalogue = teach(catalogue, f"Fridge/{product}", vectors[chosen])
    return catalogue


def best(catalogue: Catalogue, vectors: np.ndarray) -> list[str]:
    return [catalogue.tree.products[i] for i in cosines(catalogue, vectors).argmax(axis=1)]


def test_accuracy_on_shops_never_seen_and_on_strangers(
    shared: Path, grocery_store: PantryFile, capsys: pytest.CaptureFixture[str]
) -> None:
    strangers = shared / "data" / "not-pantry"
    words = ["evaluate", "pantry-mobile", str(grocery_store.path), "--senses", "look"]
    words += ["--unknown", str(strangers), "--json"]
    assert optics(words) == 0
    measured: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert measured["photos"] == 2485
    assert measured["accuracy"] >= 0.83
    assert measured["accuracy_kind"] >= 0.87
    assert measured["interval95"][0] <= measured["accuracy"] <= measured["interval95"][1]
    assert measured["ece"] <= 0.03
    assert measured["known_refused"] <= 0.05
    assert measured["unknown"]["photos"] == 300
    assert measured["unknown"]["auroc"] >= 0.995
    assert measured["unknown"]["refused"] >= 0.9
    worth = measured["usefulness_with_strangers"]
    assert worth["wrong_names"] <= worth["always_wrong"] / 2
    assert worth["useful"] >= worth["always_useful"]
    assert measured["usefulness"]["sure_right"] >= 0.96
    for sets in measured["answer_sets"]:
        assert abs(sets["coverage"] - sets["asked"]) <= 0.02
        assert sets["size"] < 1.6


def test_the_results_in_the_bundle_are_those_that_are_measured(
    recogniser: Recogniser, grocery_store: PantryFile, test_vectors: np.ndarray
) -> None:
    truth = [grocery_store.tree.products[i] for i in grocery_store.labels[grocery_store.rows("test")]]
    found = best(Catalogue.of(recogniser.bundle), test_vectors)
    accuracy = np.mean([a == b for a, b in zip(found, truth, strict=True)])
    recorded = recogniser.bundle.results["test"]
    assert recorded["photos"] == len(truth)
    assert recorded["accuracy"] == pytest.approx(accuracy, abs=0.002)
    assert f"{recorded['accuracy']:.3f}" in recogniser.bundle.card


def test_a_fridge_is_taught_from_five_crops_a_product(
    recogniser: Recogniser, fridge: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    empty = Catalogue.of(recogniser.bundle).emptied()
    vectors, products = fridge["testImages"]
    truth = [f"Fridge/{product}" for product in products]
    assert len(truth) == 45
    right = [
        sum(a == b for a, b in zip(best(taught_fridge(empty, fridge["positive"], seed), vectors), truth, strict=True))
        for seed in range(DRAWS)
    ]
    assert np.mean(right) >= 43


def test_products_taught_beside_leave_the_learned_ones_their_answers(
    recogniser: Recogniser,
    grocery_store: PantryFile,
    test_vectors: np.ndarray,
    fridge: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    catalogue = Catalogue.of(recogniser.bundle)
    before = best(catalogue, test_vectors)
    after = best(taught_fridge(catalogue, fridge["positive"], seed=0), test_vectors)
    assert np.mean([a == b for a, b in zip(before, after, strict=True)]) >= 0.99


def test_milk_photos_are_answered_one_a_line(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = sorted((shared / "data" / "grocery-store" / "test" / "Packages" / "Milk").glob("*/*.jpg"))
    assert optics(["identify", *map(str, photos[:12]), "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    answers = [json.loads(line.rstrip(",")) for line in lines[1:-1]]
    assert [answer["photo"] for answer in answers] == [str(photo) for photo in photos[:12]]
    kinds = [answer["candidates"][0]["label"].rpartition("/")[0] for answer in answers]
    assert kinds.count("Packages/Milk") >= 9


def test_a_newer_or_changed_copy_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.optics"
    shutil.copy(find_bundle(), copy)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    assert optics(["products", "--bundle", str(copy)]) == 2
    assert "does not have the recorded hash" in capsys.readouterr().err


def test_it_is_small_enough_to_ship_and_has_no_pickle() -> None:
    path = find_bundle()
    assert path.stat().st_size <= 20_000_000
    bundle = read_bundle(path)
    assert len(bundle.tree) == 81
    assert len(bundle.tree.kinds) == 43
    assert all(b"pickle" not in part for part in (bundle.card.encode(), bundle.embedder))
