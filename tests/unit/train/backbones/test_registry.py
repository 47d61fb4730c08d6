from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shibuya_optics.errors import WeightsError
from shibuya_optics.train.backbones import BACKBONES, load_backbone, weights_folder
from shibuya_optics.train.backbones.mobile_networks import SameConv
from shibuya_optics.train.backbones.registry import FAMILIES


def test_weights_are_filled_in_layer_after_layer(tiny_weights: Path) -> None:
    network, lineage = load_backbone("tiny")
    with np.load(tiny_weights) as stored:
        arrays = [stored[name] for name in stored.files]
    layers = [module for module in network.modules() if isinstance(module, SameConv)]
    loaded = [parameter.detach().numpy() for layer in layers for parameter in layer.parameters()]
    assert all(np.array_equal(a, b) for a, b in zip(loaded, arrays[:4], strict=True))
    assert lineage["licence"] == "MIT"
    assert len(lineage["sha256"]) == 64


def test_an_unknown_backbone_names_the_nearest_and_all() -> None:
    with pytest.raises(
        WeightsError, match="did you mean 'mobilenet-edgetpu'.*Known backbones: mobilenet-edgetpu, mobilenet-v2"
    ):
        load_backbone("mobilenet-edgetpus")


def test_missing_weights_say_where_they_belong(tiny_weights: Path) -> None:
    tiny_weights.unlink()
    with pytest.raises(WeightsError, match=r"no starting weights at .*tiny/weights.npz.*OPTICS_WEIGHTS"):
        load_backbone("tiny")


def test_weights_of_another_shape_are_refused(tiny_weights: Path) -> None:
    np.savez(tiny_weights, a=np.zeros((8, 3, 5, 5), np.float32), b=np.zeros(1), c=np.zeros(1), d=np.zeros(1))
    with pytest.raises(WeightsError, match=r"array 0 has shape \(8, 3, 5, 5\), the network wants \(8, 3, 3, 3\)"):
        load_backbone("tiny")


def test_too_few_weights_are_refused(tiny_weights: Path) -> None:
    np.savez(tiny_weights, a=np.zeros((8, 3, 3, 3), np.float32))
    with pytest.raises(WeightsError, match="holds 1 arrays, the network has 4"):
        load_backbone("tiny")


def test_weights_lie_beside_the_project_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTICS_WEIGHTS", raising=False)
    assert weights_folder() == Path("../shared/weights")


def test_an_unknown_family_names_the_nearest() -> None:
    with pytest.raises(WeightsError, match=r"did you mean 'transformers/'\? Known .*keras/APPLICATION, timm/ID"):
        load_backbone("transformer/facebook/dinov2-small")


@pytest.mark.parametrize("name", ["keras/", "bundle:", ""])
def test_a_family_alone_is_no_backbone(name: str) -> None:
    with pytest.raises(WeightsError, match=f"no backbone '{name}'"):
        load_backbone(name)


def test_every_registered_backbone_and_family_is_in_the_readme(repository: Path) -> None:
    readme = (repository / "README.md").read_text("utf-8")
    assert all(f"| `{name}`" in readme for name in (*BACKBONES, "pantry-mobile", "bundle:PATH"))
    assert all(f"| `{family}" in readme for family in FAMILIES)
