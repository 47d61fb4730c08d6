from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tiny_training import CONTRACT
from torch.utils.data import DataLoader

from shibuya_optics.augment import ViewOptions
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.train.photos import EpochSampler, TrainingViews, plain_loader


def batches(file: PantryFile, epoch: int, workers: int = 0, seed: int = 5) -> list[torch.Tensor]:
    rows = file.rows("train")
    views = TrainingViews(file, rows, CONTRACT, ViewOptions(), seed)
    sampler = EpochSampler(len(rows), seed)
    sampler.set_epoch(epoch)
    context = "forkserver" if workers else None
    loader = DataLoader(views, batch_size=7, sampler=sampler, num_workers=workers, multiprocessing_context=context)
    return [images for images, _ in loader]


def same(some: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


def test_an_epoch_shows_every_position_once_in_its_own_order() -> None:
    sampler = EpochSampler(50, seed=1)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert sorted(first) == [(0, position) for position in range(50)]
    assert [position for _, position in first] != [position for _, position in second]


def test_views_depend_on_seed_and_epoch_alone(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    once = batches(file, epoch=2)
    assert same(once, batches(file, epoch=2))
    assert same(once, batches(file, epoch=2, workers=2))
    assert not same(once, batches(file, epoch=3))
    assert not same(once, batches(file, epoch=2, seed=6))


def test_plain_photos_are_what_the_contract_makes_of_them(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    rows = file.rows("test")
    images, classes = next(iter(plain_loader(file, rows, CONTRACT, batch_size=4)))
    assert np.array_equal(images.numpy(), CONTRACT.tensor([file.photo(row) for row in rows[:4]]))
    assert classes.tolist() == file.labels[rows[:4]].tolist()
