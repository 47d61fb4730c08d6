"""Networks by name, with their starting weights, the contract they were trained under, and their licence."""

from shibuya_optics.train.backbones.backbone import Backbone
from shibuya_optics.train.backbones.registry import BACKBONES, backbone_named, load_backbone
from shibuya_optics.train.backbones.weights import WEIGHTS_VARIABLE, weights_folder

__all__ = ["BACKBONES", "WEIGHTS_VARIABLE", "Backbone", "backbone_named", "load_backbone", "weights_folder"]
