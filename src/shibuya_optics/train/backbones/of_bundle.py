"""A bundle as a backbone: its own weights, read back from its ONNX graph, so that training needs no download."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from shibuya_optics.bundle import Bundle, read_bundle
from shibuya_optics.bundle.shipped import find_bundle
from shibuya_optics.errors import WeightsError
from shibuya_optics.senses import Look
from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.mobile_networks import MobileNetEdgeTPU, MobileNetV2
from shibuya_optics.train.backbones.weights import convolutions, fill_convolutions

ARCHITECTURES: tuple[type[nn.Module], ...] = (MobileNetEdgeTPU, MobileNetV2)
# Above this, the network that was filled is not the one whose weights they are.
PARITY_TOLERANCE = 1e-4


def bundle_backbone(name_or_path: str) -> Backbone:
    """The network of a bundle, shipped or at a path.

    Raises:
        BundleError: there is no such bundle, or it cannot be read.
        WeightsError: its graph is of no architecture that is known here.
    """
    path = find_bundle(name_or_path)
    bundle = read_bundle(path)
    graph = onnx.load_model_from_string(bundle.embedder).graph
    stored = {initializer.name: numpy_helper.to_array(initializer) for initializer in graph.initializer}
    arrays = [
        stored[name] for node in graph.node if node.op_type == "Conv" for name in node.input[1:] if name in stored
    ]
    return Backbone(
        name=bundle.name,
        build=architecture(arrays, path),
        contract=bundle.contract,
        licence=bundle.licence,
        origin=f"bundle {bundle.name} of {bundle.created_at}",
        fill=partial(_fill, path=path, bundle=bundle, arrays=arrays, stored=stored),
    )


def architecture(arrays: list[NDArray[Any]], path: Path) -> type[nn.Module]:
    """The architecture whose convolutions have the shapes of these arrays, weight and bias of each in order.

    Raises:
        WeightsError: none has; the message names the bundle's path.
    """
    shapes = [array.shape for array in arrays]
    for architecture in ARCHITECTURES:
        with torch.device("meta"):
            layers = convolutions(architecture())
        if shapes == [tuple(parameter.shape) for layer in layers for parameter in layer.parameters()]:
            return architecture
    known = ", ".join(architecture.__name__ for architecture in ARCHITECTURES)
    raise WeightsError(
        f"the network in {path} is none that can be trained further from its bundle ({known}): "
        "start from the backbone that it was trained from, which its lineage names."
    )


def _fill(
    network: nn.Module, *, path: Path, bundle: Bundle, arrays: list[NDArray[Any]], stored: Mapping[str, NDArray[Any]]
) -> dict[str, Any]:
    fill_convolutions(network, arrays, str(path))
    difference = _largest_difference(network, bundle, stored)
    if not difference <= PARITY_TOLERANCE:
        raise WeightsError(
            f"the network in {path} has the shapes of a {type(network).__name__}, and gives other numbers (by "
            f"{difference:.2g}): start from the backbone that it was trained from, which its lineage names."
        )
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "ancestors": [dict(ancestor) for ancestor in bundle.lineage],
    }


@torch.no_grad()
def _largest_difference(network: nn.Module, bundle: Bundle, stored: Mapping[str, NDArray[Any]]) -> float:
    """The largest difference between the unit vectors of a photo of noise, by PyTorch and by ONNX Runtime."""
    side = bundle.contract.size
    photo = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    seen = Look(bundle.embedder, bundle.contract).vectors([photo])
    image = torch.from_numpy(bundle.contract.tensor([photo]))
    centre = torch.from_numpy(stored.get("centre", np.zeros(bundle.embedding_size, np.float32)).copy())
    vector = functional.normalize(functional.normalize(network.eval()(image), dim=1) - centre, dim=1)
    return float(np.abs(vector.numpy() - seen).max())
