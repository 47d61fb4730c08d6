"""Networks by name, with their starting weights, the contract they were trained under, and their licence."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from shibuya_optics.contract import InputContract
from shibuya_optics.errors import WeightsError
from shibuya_optics.labels import nearest_of
from shibuya_optics.train.mobile_networks import MobileNetEdgeTPU, SameConv

WEIGHTS_VARIABLE = "OPTICS_WEIGHTS"


@dataclass(frozen=True)
class Backbone:
    """A network by name.

    Attributes:
        name: of its folder of starting weights, too.
        build: makes it untrained: `float32 (batch, 3, size, size)` to `(batch, embedding_size)`.
        contract: the one that its starting weights were trained under.
        licence, origin: of its starting weights.
    """

    name: str
    build: Callable[[], nn.Module]
    contract: InputContract
    licence: str
    origin: str


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            name="mobilenet-edgetpu",
            build=MobileNetEdgeTPU,
            contract=InputContract(size=224, resize=256),
            licence="Apache-2.0",
            origin="MobileNet-EdgeTPU 1.0 trained on ImageNet-1k, Google, TensorFlow models research/slim",
        ),
    )
}


def backbone_named(name: str) -> Backbone:
    """The registered backbone.

    Raises:
        WeightsError: there is none of that name; the message lists those that exist.
    """
    if name not in BACKBONES:
        listed = ", ".join(sorted(BACKBONES))
        raise WeightsError(f"no backbone {name!r}{nearest_of(name, list(BACKBONES))} Known backbones: {listed}.")
    return BACKBONES[name]


def weights_folder() -> Path:
    """Where starting weights lie: the folder that `OPTICS_WEIGHTS` names, else `../shared/weights`."""
    return Path(os.environ.get(WEIGHTS_VARIABLE) or "../shared/weights")


def load_backbone(name: str) -> tuple[nn.Module, dict[str, Any]]:
    """A network with its starting weights, and the record of where they come from (name, origin, licence, sha256).

    Raises:
        WeightsError: unknown name, no file, or arrays that do not fit the network.
    """
    backbone = backbone_named(name)
    path = weights_folder() / name / "weights.npz"
    if not path.is_file():
        raise WeightsError(
            f"no starting weights at {path}: put {name}'s weights.npz there, "
            f"or name the folder that holds {name}/weights.npz in {WEIGHTS_VARIABLE}."
        )
    network = backbone.build()
    with np.load(path, allow_pickle=False) as stored:
        arrays = [stored[key] for key in stored.files]
    _fill(network, arrays, path)
    lineage = {
        "name": backbone.name,
        "origin": backbone.origin,
        "licence": backbone.licence,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    return network, lineage


def _fill(network: nn.Module, arrays: list[np.ndarray[Any, Any]], path: Path) -> None:
    """Copy weight and bias, layer after layer; the classifier's, which the network has not, come last and stay out."""
    convolutions = [module for module in network.modules() if isinstance(module, SameConv)]
    parameters = [parameter for layer in convolutions for parameter in (layer.weight, layer.bias)]
    if len(arrays) < len(parameters):
        raise WeightsError(f"{path} holds {len(arrays)} arrays, the network has {len(parameters)}: another network's?")
    for number, (parameter, array) in enumerate(zip(parameters, arrays, strict=False)):
        if parameter is None or tuple(parameter.shape) != array.shape:
            shape = None if parameter is None else tuple(parameter.shape)
            raise WeightsError(f"{path}: array {number} has shape {array.shape}, the network wants {shape}.")
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array, np.float32)))
