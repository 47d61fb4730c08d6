"""Which parameters learn how fast, and when."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from shibuya_optics.train.recipe import FinetuneOptions


def parameter_groups(backbone: nn.Module, head: nn.Module, options: FinetuneOptions) -> list[dict[str, Any]]:
    """Optimiser groups: the backbone's stages, each at its rate, and the head; frozen parameters are in none.

    The last stage learns at `backbone_rate`, each stage before it at `layer_decay` times the rate of the one behind it:
    what lies near the input is general, and should change least. Biases and scalars do not decay.
    """
    stages: list[nn.Module] = backbone.stages()  # type: ignore[operator]  # every backbone has it
    groups = []
    for depth, stage in enumerate(reversed(stages)):
        groups += _groups(stage, options.backbone_rate * options.layer_decay**depth, options.weight_decay)
    return [*groups, *_groups(head, options.head_rate, options.weight_decay)]


def _groups(module: nn.Module, rate: float, decay: float) -> list[dict[str, Any]]:
    """A module's parameters in two groups: weights, which decay, and biases and scalars, which do not."""
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    weights = [parameter for parameter in learned if parameter.ndim > 1]
    others = [parameter for parameter in learned if parameter.ndim <= 1]
    groups = (
        {"params": weights, "lr": rate, "weight_decay": decay},
        {"params": others, "lr": rate, "weight_decay": 0.0},
    )
    return [group for group in groups if group["params"]]


def rate_factor(step: int, steps: int, warmup: float) -> float:
    """What learning rates are multiplied by, 0 to 1: a linear rise over `warmup` steps, then a cosine to 0 at `steps`."""
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1.0, steps - warmup))))
