from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_training import TinyNetwork, tiny_recipe
from torch import nn
from torch.nn import functional

from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.teacher import Teacher

pytestmark = pytest.mark.train
IMAGES = torch.rand((6, 3, 32, 32), generator=torch.Generator().manual_seed(0))
CLASSES = torch.tensor([0, 1, 2, 0, 1, 2])


def network(seed: int) -> tuple[TinyNetwork, CosineHead]:
    torch.manual_seed(seed)
    return TinyNetwork(), CosineHead(torch.randn(3, 16), scale=5.0)


def loss_of(teacher: Teacher | None, share: float) -> torch.Tensor:
    recipe = tiny_recipe(Path("tiny.h5"), teacher_share=share, mixup=0.0)
    module = FineTune(*network(1), recipe, kinds=(0, 0, 1), epoch_steps=1, teacher=teacher)
    module.log = lambda *_, **__: None  # type: ignore[method-assign]  # no trainer listens
    return module.training_step((IMAGES, CLASSES), 0)


def test_a_teacher_gives_the_probabilities_of_its_network_and_learns_nothing() -> None:
    body, head = network(0)
    expected = head(body(IMAGES)).softmax(dim=1).detach()
    shares = Teacher(nn.Sequential(body, head)).shares(IMAGES)
    torch.testing.assert_close(shares, expected)
    assert not shares.requires_grad
    assert not any(parameter.requires_grad for parameter in [*body.parameters(), *head.parameters()])


def test_the_loss_is_shared_between_the_truth_and_the_teachers_answers() -> None:
    teacher = Teacher(nn.Sequential(*network(0)))
    truth, both, taught = loss_of(None, 0.5), loss_of(teacher, 0.25), loss_of(teacher, 1.0)
    body, head = network(1)
    torch.testing.assert_close(taught, functional.cross_entropy(head(body(IMAGES)), teacher.shares(IMAGES)))
    torch.testing.assert_close(both, 0.75 * truth + 0.25 * taught)


def test_a_teacher_is_no_part_of_what_is_trained_and_stored() -> None:
    recipe = tiny_recipe(Path("tiny.h5"))
    alone, taught = (
        FineTune(*network(1), recipe, kinds=(0, 0, 1), epoch_steps=1, teacher=teacher)
        for teacher in (None, Teacher(nn.Sequential(*network(0))))
    )
    assert alone.state_dict().keys() == taught.state_dict().keys()
    assert len(list(alone.parameters())) == len(list(taught.parameters()))
