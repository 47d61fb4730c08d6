"""Which backbones there are: the mobile networks, bundles, and the families of networks of other libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from shibuya_optics.bundle.shipped import SUFFIX, shipped_names
from shibuya_optics.contract import InputContract
from shibuya_optics.errors import WeightsError
from shibuya_optics.labels import nearest_of
from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.mobile_networks import MobileNetEdgeTPU, MobileNetV2
from shibuya_optics.train.backbones.of_bundle import bundle_backbone
from shibuya_optics.train.backbones.of_keras import keras_backbone
from shibuya_optics.train.backbones.of_timm import timm_backbone
from shibuya_optics.train.backbones.of_transformers import transformers_backbone
from shibuya_optics.train.backbones.weights import fill_from_folder

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
        Backbone(
            name="mobilenet-v2",
            build=MobileNetV2,
            contract=InputContract(size=224, resize=256),
            licence="Apache-2.0",
            origin="MobileNetV2 1.0 trained on ImageNet-1k, Google, Keras applications, by google-coral/test_data",
        ),
    )
}
BUNDLE = "bundle:"
# Each beginning of a name, and what makes the backbone of the rest.
FAMILIES: dict[str, Callable[[str], Backbone]] = {
    BUNDLE: bundle_backbone,
    "keras/": keras_backbone,
    "timm/": timm_backbone,
    "transformers/": transformers_backbone,
}
_PATTERNS = ("bundle:PATH", "keras/APPLICATION", "timm/ID", "transformers/ID")


def backbone_named(name: str) -> Backbone:
    """The backbone of that name: a registered one, a bundle, or one of a family.

    Raises:
        WeightsError: there is none of that name, and the message lists those that exist; or its files are missing.
        BundleError: it is a bundle, which cannot be read.
        MissingExtraError: the library of its family is not installed.
    """
    if name in BACKBONES:
        return BACKBONES[name]
    if name in shipped_names() or name.endswith(SUFFIX):
        return bundle_backbone(name.removeprefix(BUNDLE))
    for beginning, make in FAMILIES.items():
        if name.startswith(beginning) and name != beginning:
            return make(name.removeprefix(beginning))
    raise _unknown(name)


def _unknown(name: str) -> WeightsError:
    """The error that names the nearest: of the names, or of the families where it has the form of one."""
    names = sorted({*BACKBONES, *shipped_names()})
    family = name.partition("/")[0]
    near = nearest_of(family + "/", list(FAMILIES)) if family != name else nearest_of(name, names)
    return WeightsError(f"no backbone {name!r}{near} Known backbones: {', '.join([*names, *_PATTERNS])}.")


def load_backbone(name: str) -> tuple[nn.Module, dict[str, Any]]:
    """A network with its starting weights, and the record of where they come from (name, origin, licence, sha256, ...).

    Raises:
        WeightsError: unknown name, no file, or arrays that do not fit the network.
        BundleError: it is a bundle, which cannot be read.
        MissingExtraError: the library of its family is not installed.
    """
    backbone = backbone_named(name)
    network = backbone.build()
    facts = backbone.fill(network) if backbone.fill else fill_from_folder(network, backbone.name)
    return network, {"name": backbone.name, "origin": backbone.origin, "licence": backbone.licence, **facts}
