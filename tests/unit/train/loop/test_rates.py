from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_training import TinyNetwork, tiny_recipe

from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.rates import parameter_groups, rate_factor

pytestmark = pytest.mark.train


def rate_of(groups: list[dict[str, Any]], parameter: object) -> object:
    (rate,) = {group["lr"] for group in groups for other in group["params"] if other is parameter}
    return rate


def test_biases_and_scale_do_not_decay() -> None:
    options = tiny_recipe(Path("tiny.h5"), weight_decay=0.3).finetune
    groups = parameter_groups(TinyNetwork(), CosineHead(torch.eye(3, 16), 5.0), options)
    decays = {p.ndim > 1: group["weight_decay"] for group in groups for p in group["params"]}
    assert decays == {True: 0.3, False: 0.0}
    assert {group["lr"] for group in groups} == {options.backbone_rate, options.head_rate}


def test_stages_near_the_input_learn_slower() -> None:
    options = tiny_recipe(Path("tiny.h5"), layer_decay=0.5).finetune
    network, head = TinyNetwork(), CosineHead(torch.eye(3, 16), 5.0)
    groups = parameter_groups(network, head, options)
    first, _, last, _ = network.features
    # A rectifier is a stage, too, though it learns nothing.
    assert rate_of(groups, last.weight) == options.backbone_rate * 0.5
    assert rate_of(groups, first.weight) == options.backbone_rate * 0.5**3
    assert rate_of(groups, head.directions) == options.head_rate


def test_every_parameter_is_in_one_group_and_frozen_ones_are_in_none() -> None:
    options = tiny_recipe(Path("tiny.h5")).finetune
    network, head = TinyNetwork(), CosineHead(torch.eye(3, 16), 5.0)
    network.features[0].requires_grad_(requires_grad=False)
    grouped = [id(p) for group in parameter_groups(network, head, options) for p in group["params"]]
    learned = [id(p) for p in (*network.parameters(), *head.parameters()) if p.requires_grad]
    assert sorted(grouped) == sorted(learned)


def test_rates_rise_and_then_fall_along_a_cosine() -> None:
    factors = [rate_factor(step, steps=110, warmup=10) for step in range(111)]
    assert factors[:10] == [(step + 1) / 11 for step in range(10)]
    assert factors[10] == 1
    assert factors[60] == pytest.approx(0.5)
    assert factors[85] == pytest.approx(0.5 * (1 + math.cos(0.75 * math.pi)))
    assert factors[110] == 0
