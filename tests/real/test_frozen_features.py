from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.public import add_grocery_store
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, load_backbone
from shibuya_optics.train.photos import plain_loader
from shibuya_optics.train.probe import embed

pytestmark = [pytest.mark.real, pytest.mark.train]


def test_frozen_features_reach_the_published_accuracy(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.753 +- 0.01: the weights, the network's padding and the contract's resize are all as they should be."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared / "weights"))
    network, _ = load_backbone("mobilenet-edgetpu")
    add_grocery_store(shared / "data" / "grocery-store", tmp_path / "library")
    pack(tmp_path / "library", tmp_path / "pantry.h5")
    contract = InputContract(size=224, resize=256, interpolation="bicubic")
    with PantryFile.open(tmp_path / "pantry.h5") as file:
        train, classes = embed(network, plain_loader(file, file.rows("train"), contract))
        test, truth = embed(network, plain_loader(file, file.rows("test"), contract))
    assert len(PhotoLibrary(tmp_path / "library").photos()) == 5421
    head = LogisticRegression(C=100, max_iter=2000).fit(train, classes)
    assert head.score(test, truth) == pytest.approx(0.753, abs=0.01)
