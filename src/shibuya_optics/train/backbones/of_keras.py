"""`keras/<Application>`: networks of Keras, computed by PyTorch, so that they train in the same loop."""

from __future__ import annotations

import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from shibuya_optics.contract import InputContract
from shibuya_optics.errors import WeightsError
from shibuya_optics.labels import nearest_of
from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.weights import WEIGHTS_VARIABLE, hash_of, weights_folder
from shibuya_optics.train.backbones.wrapped import WrappedNetwork, library, three

FAMILY, EXTRA = "keras/", "keras"
FILE = "notop.weights.h5"
SIZE, RESIZE = 224, 256
# Keras names the layers of a block alike up to its number: conv2_block1_1_conv, block2a_expand, expanded_conv_3_project.
_BLOCK = re.compile(r".*?(?:block|conv)_?\d+[a-z]?(?:_block_?\d+)?")


class KerasNetwork(WrappedNetwork):
    """A Keras model of channels last. It runs as it does when it predicts: batch-norm keeps its statistics, dropout is off."""

    def __init__(self, model: Any, *, size: int, blue_first: bool = False) -> None:
        """Arguments as `WrappedNetwork` has them; `model`: `(batch, size, size, 3)` to `(batch, embedding_size)`."""
        super().__init__(model, size=size, blue_first=blue_first)
        self.size = size
        self.register_state_dict_post_hook(_number)  # type: ignore[no-untyped-call]  # PyTorch has no types here
        self.register_load_state_dict_pre_hook(_name)  # type: ignore[no-untyped-call]  # as above

    def __deepcopy__(self, memo: dict[int, Any]) -> KerasNetwork:
        # Keras copies by way of a file, and then has the parameters in another order: averages would mix them up.
        from keras.models import clone_model

        copied = KerasNetwork(clone_model(self.network), size=self.size, blue_first=self.blue_first)
        with torch.no_grad():
            for own, copy in zip(self.parameters(), copied.parameters(), strict=True):
                copy.copy_(own).requires_grad_(own.requires_grad)
        return copied.train(self.training)

    def embed(self, images: Tensor) -> Tensor:
        """`(batch, 3, size, size)` to `(batch, embedding_size)`."""
        embedding: Tensor = self.network(images.permute(0, 2, 3, 1), training=False)
        return embedding

    def stages(self) -> list[nn.Module]:
        """The blocks of the model, from the input to the output."""
        return [nn.ModuleList(layers) for layers in _blocks(self.network)]


# Keras numbers some names anew in every copy of a model. In checkpoints, the place of an array is its name.
def _number(network: nn.Module, state: dict[str, Any], prefix: str, _metadata: object) -> None:
    for place, name in enumerate(_names(network)):
        state[f"{prefix}{place}"] = state.pop(prefix + name)


def _name(network: nn.Module, state: dict[str, Any], prefix: str, *_more: object) -> None:
    for place, name in enumerate(_names(network)):
        if f"{prefix}{place}" in state:
            state[prefix + name] = state.pop(f"{prefix}{place}")


def _names(network: nn.Module) -> list[str]:
    return [name for name, _ in network.named_parameters(remove_duplicate=False)]


def _blocks(model: Any) -> list[list[nn.Module]]:
    """The layers that hold numbers, those of a block together; one without weights goes with the block before it."""
    blocks: list[list[nn.Module]] = []
    current = None
    for layer in model.layers:
        found = _BLOCK.match(layer.name)
        name = found[0] if found else layer.name
        if layer.weights and name != current:
            blocks.append([])
            current = name
        if layer.variables and blocks:
            blocks[-1].append(layer)
    return blocks


def keras_backbone(application: str) -> Backbone:
    """The network of `keras.applications`, `MobileNetV3Small`.

    Raises:
        MissingExtraError: Keras is not installed.
        WeightsError: there is no such application, or Keras was imported on another backend before.
    """
    keras = _keras(FAMILY + application)
    known = [name for name, made in vars(keras.applications).items() if name[0].isupper() and callable(made)]
    if application not in known:
        listed = ", ".join(sorted(known))
        raise WeightsError(f"no Keras application {application!r}{nearest_of(application, known)} There are: {listed}.")
    builder = getattr(keras.applications, application)
    preprocess = importlib.import_module(builder.__module__).preprocess_input
    contract, blue_first = contract_of(preprocess)
    return Backbone(
        name=FAMILY + application,
        build=partial(_build, keras, application, blue_first=blue_first),
        contract=contract,
        licence="not stated, see the documentation of Keras applications",
        origin=f"{application} trained on ImageNet-1k, Keras {keras.__version__} applications",
        fill=lambda network: {"sha256": hash_of(network)},
    )


def _keras(name: str) -> ModuleType:
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "torch"
    keras = library("keras", EXTRA, name)
    if keras.backend.backend() != "torch":
        raise WeightsError(
            f"{name} trains on PyTorch, and Keras was imported on {keras.backend.backend()} before: "
            "set KERAS_BACKEND=torch, or import nothing of Keras first."
        )
    return keras


def contract_of(preprocess: Callable[[Any], Any]) -> tuple[InputContract, bool]:
    """The input contract that an application's `preprocess_input` amounts to, and whether it wants BGR.

    Measured on three pixels: it is a scale and a shift a channel, maybe with the channels turned round.
    """
    black = np.asarray(preprocess(np.zeros((1, 1, 3), np.float32)), np.float64)[0, 0]
    red = np.asarray(preprocess(np.array([[[255, 0, 0]]], np.float32)), np.float64)[0, 0] - black
    white = np.asarray(preprocess(np.full((1, 1, 3), 255, np.float32)), np.float64)[0, 0] - black
    blue_first = bool(red[2])
    order = slice(None, None, -1) if blue_first else slice(None)
    # (value / 255 - mean) / std, at value 0 and 255.
    std = (1 / white)[order]
    mean = -black[order] * std
    rounded = InputContract(
        size=SIZE,
        resize=RESIZE,
        mean=three([round(float(value), 8) for value in mean]),
        std=three([round(float(value), 8) for value in std]),
    )
    return rounded, blue_first


def _build(keras: ModuleType, application: str, *, blue_first: bool) -> nn.Module:
    stored = weights_folder() / FAMILY / application / FILE
    weights = str(stored) if stored.is_file() else "imagenet"
    builder = getattr(keras.applications, application)
    # Layers that Keras numbers itself get the same names each time, so that a checkpoint fits.
    keras.utils.clear_session()
    try:
        with warnings.catch_warnings():
            # Weights of 224 px are what is asked for; that other sizes are taken too is no fault.
            warnings.simplefilter("ignore")
            model = builder(include_top=False, pooling="avg", weights=weights)
    except Exception as error:  # Keras raises a bare Exception when it cannot download
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise WeightsError(
            f"{FAMILY}{application} cannot be loaded ({reason}): check the network, or put the application's weights "
            f"without top at {stored} ({WEIGHTS_VARIABLE} names the folder of starting weights)."
        ) from error
    return KerasNetwork(model, size=SIZE, blue_first=blue_first)
