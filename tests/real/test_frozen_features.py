from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, load_backbone
from shibuya_optics.train.material import Material
from shibuya_optics.train.photos import plain_loader
from shibuya_optics.train.probe import embed

pytestmark = [pytest.mark.real, pytest.mark.train]


@pytest.mark.parametrize(("backbone", "accuracy"), [("mobilenet-edgetpu", 0.753), ("mobilenet-v2", 0.748)])
def test_frozen_features_reach_the_published_accuracy(
    backbone: str, accuracy: float, shared: Path, grocery_store: PantryFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within 0.01: the weights, the network's padding and the contract's resize are all as they should be."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared / "weights"))
    network, _ = load_backbone(backbone)
    contract = InputContract(size=224, resize=256, interpolation="bicubic")
    material = Material.of_splits(grocery_store)
    train, classes = embed(network, plain_loader(material, material.training, contract))
    test, truth = embed(network, plain_loader(material, grocery_store.rows("test"), contract))
    assert (len(classes), len(truth)) == (2640, 2485)
    head = LogisticRegression(C=100, max_iter=2000).fit(train, classes)
    assert head.score(test, truth) == pytest.approx(accuracy, abs=0.01)
