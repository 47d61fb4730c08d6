"""Starting weights: the folder where they lie, and how they come into a mobile network."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from shibuya_optics.errors import WeightsError
from shibuya_optics.train.backbones.mobile_networks import SameConv

WEIGHTS_VARIABLE = "OPTICS_WEIGHTS"


def weights_folder() -> Path:
    """Where starting weights lie: the folder that `OPTICS_WEIGHTS` names, else `../shared/weights`."""
    return Path(os.environ.get(WEIGHTS_VARIABLE) or "../shared/weights")


def fill_from_folder(network: nn.Module, name: str) -> dict[str, str]:
    """Copy `<name>/weights.npz` into a mobile network; gives its `sha256`.

    Raises:
        WeightsError: no such file, or arrays that do not fit the network.
    """
    path = weights_folder() / name / "weights.npz"
    if not path.is_file():
        raise WeightsError(
            f"no starting weights at {path}: put {name}'s weights.npz there, "
            f"or name the folder that holds {name}/weights.npz in {WEIGHTS_VARIABLE}."
        )
    with np.load(path, allow_pickle=False) as stored:
        fill_convolutions(network, [stored[key] for key in stored.files], str(path))
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def fill_convolutions(network: nn.Module, arrays: Sequence[NDArray[Any]], source: str) -> None:
    """Copy weight and bias, layer after layer; the classifier's, which the network has not, come last and stay out.

    Raises:
        WeightsError: there are too few arrays, or one is of another shape; `source` says whose they are.
    """
    parameters = [parameter for layer in convolutions(network) for parameter in (layer.weight, layer.bias)]
    if len(arrays) < len(parameters):
        raise WeightsError(
            f"{source} holds {len(arrays)} arrays, the network has {len(parameters)}: another network's?"
        )
    for number, (parameter, array) in enumerate(zip(parameters, arrays, strict=False)):
        if parameter is None or tuple(parameter.shape) != array.shape:
            shape = None if parameter is None else tuple(parameter.shape)
            raise WeightsError(f"{source}: array {number} has shape {array.shape}, the network wants {shape}.")
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(np.array(array, np.float32)))


def convolutions(network: nn.Module) -> list[SameConv]:
    """The convolutions of a mobile network, in the order in which they are computed."""
    return [module for module in network.modules() if isinstance(module, SameConv)]


def hash_of(network: nn.Module) -> str:
    """SHA-256, in hex, of all numbers of a network with their names; the file that they came in does not matter."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
