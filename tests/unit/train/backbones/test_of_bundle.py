from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from tiny_bundle import tiny_bundle
from torch import nn
from torch.nn import functional

from shibuya_optics.bundle import Bundle, read_bundle, write_bundle
from shibuya_optics.bundle.shipped import find_bundle
from shibuya_optics.contract import InputContract
from shibuya_optics.errors import BundleNotFoundError, WeightsError
from shibuya_optics.senses import Look
from shibuya_optics.train.backbones import backbone_named, load_backbone
from shibuya_optics.train.backbones.mobile_networks import MobileNetEdgeTPU, MobileNetV2, MobileNetwork
from shibuya_optics.train.backbones.of_bundle import architecture


def photos(contract: InputContract) -> NDArray[np.float32]:
    shape = (3, contract.size, contract.size, 3)
    return contract.normalise(np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8))


@torch.no_grad()
def centred_by_pytorch(network: nn.Module, bundle: Bundle) -> NDArray[np.float32]:
    """What the bundle's graph should give, by PyTorch: the unit vectors less the centre, which is read by its name."""
    graph = onnx.load_model_from_string(bundle.embedder).graph
    centre = next(onnx.numpy_helper.to_array(stored) for stored in graph.initializer if stored.name == "centre")
    unit = functional.normalize(network.eval()(torch.from_numpy(photos(bundle.contract))), dim=1).numpy()
    return np.asarray(unit - centre, np.float32)


def by_onnx(bundle: Bundle) -> NDArray[np.float32]:
    session = Look(bundle.embedder, bundle.contract)._session
    return np.asarray(session.run(["embedding"], {"images": photos(bundle.contract)})[0])


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return read_bundle(find_bundle("pantry-mobile"))


def test_the_shipped_bundle_gives_its_network_back(shipped: Bundle) -> None:
    network, lineage = load_backbone("pantry-mobile")
    assert np.abs(centred_by_pytorch(network, shipped) - by_onnx(shipped)).max() <= 1e-4
    assert backbone_named("pantry-mobile").contract == shipped.contract
    assert lineage["name"] == "pantry-mobile"
    assert lineage["licence"] == shipped.licence
    assert lineage["sha256"] == hashlib.sha256(find_bundle("pantry-mobile").read_bytes()).hexdigest()
    assert lineage["ancestors"] == list(shipped.lineage)


@pytest.mark.parametrize("name", [str, "bundle:{}".format])
def test_any_bundle_goes_by_its_path(shipped: Bundle, tmp_path: Path, name: Callable[[Path], str]) -> None:
    own = replace(shipped, name="own", licence="CC-BY-4.0", lineage=({"name": "pantry-mobile"},))
    network, lineage = load_backbone(name(write_bundle(own, tmp_path / "own.optics")))
    assert np.abs(centred_by_pytorch(network, own) - by_onnx(own)).max() <= 1e-4
    assert (lineage["name"], lineage["licence"]) == ("own", "CC-BY-4.0")
    assert lineage["ancestors"] == [{"name": "pantry-mobile"}]


@pytest.mark.parametrize("network", [MobileNetEdgeTPU, MobileNetV2])
def test_the_shapes_of_the_convolutions_tell_the_network(network: type[MobileNetwork]) -> None:
    arrays = [parameter.detach().numpy() for parameter in network().parameters()]
    assert architecture(arrays, Path("own.optics")) is network
    with pytest.raises(WeightsError, match="own.optics is none that"):
        architecture(arrays[:-2], Path("own.optics"))


def test_a_bundle_of_another_network_is_refused(tmp_path: Path) -> None:
    path = write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    with pytest.raises(WeightsError, match=r"none that can be trained further .*MobileNetEdgeTPU, MobileNetV2"):
        load_backbone(str(path))


def test_the_right_shapes_are_not_enough(shipped: Bundle, tmp_path: Path) -> None:
    model = onnx.load_model_from_string(shipped.embedder)
    [node for node in model.graph.node if node.op_type == "Relu"][-1].op_type = "Identity"
    path = write_bundle(replace(shipped, embedder=model.SerializeToString()), tmp_path / "linear.optics")
    with pytest.raises(WeightsError, match="shapes of a MobileNetEdgeTPU, and gives other numbers"):
        load_backbone(str(path))


def test_a_missing_bundle_says_so(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFoundError, match=r"there is no bundle .*absent.optics"):
        load_backbone(str(tmp_path / "absent.optics"))
