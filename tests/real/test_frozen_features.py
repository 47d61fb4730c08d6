from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from frozen_features import FrozenFeatures
from sklearn.linear_model import LogisticRegression

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.few_shot import Draws, Seen, few_shot
from shibuya_optics.photo import read_photo
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, load_backbone

pytestmark = [pytest.mark.real, pytest.mark.train]


@pytest.mark.parametrize(("backbone", "accuracy"), [("mobilenet-edgetpu", 0.753), ("mobilenet-v2", 0.716)])
def test_frozen_features_reach_the_published_accuracy(
    backbone: str, accuracy: float, frozen_features: Callable[[str], FrozenFeatures]
) -> None:
    """Within 0.01: the weights, the network's padding and the contract's resize are all as they should be.

    0.753 was measured elsewhere; 0.716 is what this code gives, and the next test says that its network is read rightly.
    """
    train, classes, test, truth = frozen_features(backbone)
    assert (len(classes), len(truth)) == (2640, 2485)
    head = LogisticRegression(C=100, max_iter=2000).fit(train, classes)
    assert head.score(test, truth) == pytest.approx(accuracy, abs=0.01)


def test_with_their_classifiers_both_networks_name_the_same_things(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 1,001 classes, from photos that neither was tuned to here: a network read wrongly would agree by chance alone."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared / "weights"))
    photos = [read_photo(path) for path in sorted((shared / "data" / "not-pantry").glob("*.jpg"))[::4]]
    images = torch.from_numpy(InputContract(size=224, resize=256).tensor(photos))
    named = []
    for backbone in ("mobilenet-edgetpu", "mobilenet-v2"):
        network, _ = load_backbone(backbone)
        with np.load(shared / "weights" / backbone / "weights.npz") as stored:
            *_, weight, bias = (stored[name] for name in stored.files)
        with torch.no_grad():
            named.append((network.eval()(images).numpy() @ weight.reshape(len(weight), -1).T + bias).argmax(axis=1))
    assert len(photos) == 75
    assert np.mean(named[0] == named[1]) > 0.7


def test_prototypes_of_few_photos_reach_what_was_measured_elsewhere(
    frozen_features: Callable[[str], FrozenFeatures], grocery_store: PantryFile
) -> None:
    """0.395 at k = 1 and 0.602 at k = 5, by other draws. One draw differs from another by 0.025 and 0.015 (40 draws)."""
    train, classes, test, truth = frozen_features("mobilenet-edgetpu")
    labels = np.array(grocery_store.tree.products)
    learned, asked = Seen(train, tuple(labels[classes])), Seen(test, tuple(labels[truth]))
    one, five = few_shot(learned, asked, Draws((1, 5)), read_bundle(find_bundle()))
    assert one.accuracy.as_json()["mean"] == pytest.approx(0.395, abs=0.02)
    assert five.accuracy.as_json()["mean"] == pytest.approx(0.602, abs=0.015)
    assert one.accuracy_kind.as_json()["mean"] > one.accuracy.as_json()["mean"]
