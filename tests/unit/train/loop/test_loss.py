from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_training import tiny_recipe

from shibuya_optics.train.loop.loss import classification_loss, kind_logits
from shibuya_optics.train.recipe import FinetuneOptions

pytestmark = pytest.mark.train
KINDS = torch.tensor([0, 1, 1, 0])
LOGITS = torch.tensor([[2.0, 0.5, 1.0, -1.0], [0.0, 3.0, -2.0, 0.3]])
CLASSES = torch.tensor([0, 2])
SCALE = torch.tensor(10.0)


def options(**finetune: Any) -> FinetuneOptions:
    return tiny_recipe(Path("tiny.h5"), label_smoothing=0.0, **finetune).finetune


def loss(**finetune: Any) -> float:
    return float(classification_loss(LOGITS, CLASSES, KINDS, SCALE, options(**finetune)))


def log_loss(logits: np.ndarray, truth: list[int]) -> float:
    """The slow, obvious twin."""
    return float(np.mean([np.log(np.exp(row).sum()) - row[i] for row, i in zip(logits, truth, strict=True)]))


def test_kinds_have_the_summed_probability_of_their_products() -> None:
    by_kind = torch.softmax(kind_logits(LOGITS, KINDS), dim=1)
    products = torch.softmax(LOGITS, dim=1)
    torch.testing.assert_close(by_kind[:, 0], products[:, 0] + products[:, 3])
    torch.testing.assert_close(by_kind[:, 1], products[:, 1] + products[:, 2])


def test_without_options_it_is_cross_entropy() -> None:
    assert loss() == pytest.approx(log_loss(LOGITS.numpy(), [0, 2]), rel=1e-5)


def test_the_loss_of_kinds_is_added_by_its_weight() -> None:
    sums = np.log(np.stack([np.exp(LOGITS.numpy())[:, KINDS.numpy() == kind].sum(axis=1) for kind in (0, 1)], axis=1))
    assert loss(kind_weight=0.5) - loss() == pytest.approx(0.5 * log_loss(sums, [0, 1]), rel=1e-5)


def test_the_margin_is_taken_off_the_true_products_cosine() -> None:
    cosines = LOGITS.numpy().astype(np.float64) / 10
    cosines[[0, 1], [0, 2]] -= 0.2
    assert loss(margin=0.2) == pytest.approx(log_loss(10 * cosines, [0, 2]), rel=1e-5)


def test_the_margin_does_not_pull_at_the_scale() -> None:
    scale = SCALE.clone().requires_grad_()
    classification_loss(LOGITS, CLASSES, KINDS, scale, options(margin=0.2)).requires_grad_()
    assert scale.grad is None
