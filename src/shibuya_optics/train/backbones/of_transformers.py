"""`transformers/<id>`: vision networks of the transformers library, from its hub, its cache, or a folder."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from shibuya_optics.contract import InputContract, Interpolation
from shibuya_optics.errors import WeightsError
from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.weights import WEIGHTS_VARIABLE, hash_of, weights_folder
from shibuya_optics.train.backbones.wrapped import IMAGENET_MEAN, IMAGENET_STD, WrappedNetwork, library, three

FAMILY, EXTRA = "transformers/", "hub"
FILES = "config.json, preprocessor_config.json and model.safetensors"
# How image processors number the filters of PIL.
_FILTERS: dict[int, Interpolation] = {1: "lanczos", 2: "bilinear", 3: "bicubic"}
_NO_PIXELS_LOST = 1 / 255


class TransformersNetwork(WrappedNetwork):
    """A vision network of transformers; its embedding is what it pools, else its class token, else the mean of its tokens."""

    def before_export(self) -> None:
        """Attention in single steps: fused, that of Swin cannot be exported."""
        self.network.set_attn_implementation("eager")  # type: ignore[operator]  # every model of transformers has it

    def embed(self, images: Tensor) -> Tensor:
        """`(batch, 3, size, size)` to `(batch, embedding_size)`, or that with sides of 1 behind."""
        # Positions of another image size are interpolated where the network can be asked to.
        asked = {"interpolate_pos_encoding": True} if _interpolates(self.network) else {}
        output = self.network(pixel_values=images, **asked)
        pooled: Tensor | None = getattr(output, "pooler_output", None)
        if pooled is not None:
            return pooled
        tokens: Tensor = output.last_hidden_state
        if tokens.ndim == 4:
            return tokens.mean(dim=(2, 3))
        has_class_token = any(name.endswith("cls_token") for name, _ in self.network.named_parameters())
        return tokens[:, 0] if has_class_token else tokens.mean(dim=1)


def transformers_backbone(identifier: str) -> Backbone:
    """The network of a repository of the hub, `facebook/dinov2-small`, or of a folder.

    A folder of that name below the folder of starting weights' `transformers/` comes before the hub.

    Raises:
        MissingExtraError: transformers is not installed.
        WeightsError: its description is neither there nor stored nor to be fetched, or it is of no image network.
    """
    name = FAMILY + identifier
    transformers = library("transformers", EXTRA, name)
    # Its advice to programmers, and bars for loading what lies on the disk, are no news to the person who trains.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    stored = weights_folder() / name
    source = str(stored) if stored.is_dir() else identifier
    try:
        processor, _ = transformers.ImageProcessingMixin.get_image_processor_dict(source)
    except OSError as error:
        raise _missing(name, error) from error
    return Backbone(
        name=name,
        build=partial(_build, transformers, name, source, processor),
        contract=contract_of(processor),
        licence=_licence(transformers, source),
        origin=f"{identifier}, by transformers {transformers.__version__}",
        fill=lambda network: {"sha256": hash_of(network)},
    )


def contract_of(processor: Mapping[str, Any]) -> InputContract:
    """The input contract that an image processor's options amount to."""
    sides, cut = _sides(processor.get("size", 224)), _sides(processor.get("crop_size") or processor.get("size", 224))
    plain = processor.get("do_normalize") is False
    factor = float(processor.get("rescale_factor", _NO_PIXELS_LOST)) * 255
    mean = (0.0,) * 3 if plain else three(processor.get("image_mean", IMAGENET_MEAN))
    std = (1.0,) * 3 if plain else three(processor.get("image_std", IMAGENET_STD))
    return InputContract(
        size=min(cut, sides),
        resize=max(cut, sides),
        interpolation=_FILTERS.get(processor.get("resample", 3), "bicubic"),
        mean=three([value / factor for value in mean] if not math.isclose(factor, 1) else mean),
        std=three([value / factor for value in std] if not math.isclose(factor, 1) else std),
    )


def _sides(size: Any) -> int:
    """The short side of a processor's size: a number, or `shortest_edge`, or `height` and `width`."""
    if isinstance(size, Mapping):
        return int(size.get("shortest_edge") or min(size["height"], size["width"]))
    return int(size)


def _build(transformers: ModuleType, name: str, source: str, processor: Mapping[str, Any]) -> nn.Module:
    try:
        network, loaded = transformers.AutoModel.from_pretrained(source, output_loading_info=True)
    except (OSError, ValueError) as error:
        raise _missing(name, error) from error
    if network.main_input_name != "pixel_values":
        raise WeightsError(f"{name} takes {network.main_input_name}, not images alone: name a vision network.")
    untrained = set(loaded["missing_keys"])
    if any(key.startswith("pooler.") for key in untrained):
        network.pooler = None
    lacking = sorted(key for key in untrained if not key.startswith("pooler."))
    if lacking:
        raise WeightsError(f"the weights of {name} lack {len(lacking)} of its parts (the first is {lacking[0]}).")
    size = contract_of(processor).size
    return TransformersNetwork(network, size=size, blue_first=bool(processor.get("do_flip_channel_order")))


def _interpolates(network: nn.Module) -> bool:
    return "interpolate_pos_encoding" in inspect.signature(network.forward).parameters


def _licence(transformers: ModuleType, source: str) -> str:
    """What the model card's head says of the licence."""
    found = transformers.utils.cached_file(
        source,
        "README.md",
        _raise_exceptions_for_gated_repo=False,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    card = Path(found).read_text("utf-8") if found else ""
    said = re.match(r"---\n(?:.*\n)*?license:[ ]*(\S+)", card)
    return said[1] if said else "not stated, see its model card"


def _missing(name: str, error: Exception) -> WeightsError:
    reason = str(error).strip().splitlines()[0].rstrip(".")
    return WeightsError(
        f"{name} cannot be loaded ({reason}): check the name and the network, or put its {FILES} into "
        f"{weights_folder() / name} ({WEIGHTS_VARIABLE} names the folder of starting weights)."
    )
