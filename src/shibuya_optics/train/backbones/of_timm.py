"""`timm/<id>`: networks of PyTorch image models, where torchvision, which that library needs, works."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

from torch import nn

from shibuya_optics.contract import InputContract, Interpolation
from shibuya_optics.errors import WeightsError
from shibuya_optics.labels import nearest_of
from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.weights import WEIGHTS_VARIABLE, hash_of, weights_folder
from shibuya_optics.train.backbones.wrapped import WrappedNetwork, library, three

FAMILY, EXTRA = "timm/", "timm"
FILE = "model.safetensors"
_FILTERS: dict[str, Interpolation] = {"bilinear": "bilinear", "lanczos": "lanczos"}


def timm_backbone(identifier: str) -> Backbone:
    """The network of a timm name, `mobilenetv4_conv_small.e2400_r224_in1k`.

    Raises:
        MissingExtraError: timm is not installed.
        WeightsError: it does not run here, or knows no such network with starting weights.
    """
    name = FAMILY + identifier
    timm = _timm(name)
    facts = timm.get_pretrained_cfg(identifier)
    if facts is None:
        known = timm.list_models(pretrained=True)
        raise WeightsError(
            f"timm knows no starting weights {identifier!r}{nearest_of(identifier, known)} "
            "Its list: python -c 'import timm; print(*timm.list_models(pretrained=True))'."
        )
    size = int(facts.input_size[1])
    return Backbone(
        name=name,
        build=partial(_build, timm, name, identifier, size),
        contract=InputContract(
            size=size,
            resize=round(size / (facts.crop_pct or 1)),
            interpolation=_FILTERS.get(facts.interpolation, "bicubic"),
            mean=three(facts.mean),
            std=three(facts.std),
        ),
        licence=facts.license or "not stated, see its model card",
        origin=f"{facts.hf_hub_id or identifier}, by timm {timm.__version__}",
        fill=lambda network: {"sha256": hash_of(network)},
    )


def _timm(name: str) -> ModuleType:
    try:
        return library("timm", EXTRA, name)
    except (ModuleNotFoundError, RuntimeError) as error:
        raise WeightsError(
            f"timm does not run here ({error}): install the torchvision that was built for this PyTorch, "
            "or take a network of transformers/ or keras/."
        ) from error


def _build(timm: ModuleType, name: str, identifier: str, size: int) -> nn.Module:
    stored = weights_folder() / name / FILE
    from_file: dict[str, Any] = {"pretrained_cfg_overlay": {"file": str(stored)}} if stored.is_file() else {}
    try:
        network = timm.create_model(identifier, pretrained=True, num_classes=0, **from_file)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise WeightsError(
            f"{name} cannot be loaded ({reason}): check the network, or put its {FILE} at {stored} "
            f"({WEIGHTS_VARIABLE} names the folder of starting weights)."
        ) from error
    return WrappedNetwork(network, size=size)
