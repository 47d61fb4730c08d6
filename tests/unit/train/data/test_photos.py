from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import CONTRACT, tiny_recipe
from torch.utils.data import DataLoader

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import EpochSampler, TrainingViews, plain_loader, still_loader


def batches(file: PantryFile, epoch: int, workers: int = 0, seed: int = 5) -> list[torch.Tensor]:
    material = Material.of_splits(file)
    recipe = tiny_recipe(file.path, {"seed": seed}, sizes=(32, 64))
    sampler = EpochSampler(material.classes[material.training], seed)
    sampler.set_epoch(epoch)
    context = "forkserver" if workers else None
    views = TrainingViews(material, recipe)
    loader = DataLoader(views, batch_size=7, sampler=sampler, num_workers=workers, multiprocessing_context=context)
    return [images for images, _ in loader]


def same(some: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


def test_an_epoch_shows_every_position_once_in_its_own_order() -> None:
    sampler = EpochSampler(np.arange(50), seed=1)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert [(draw.epoch, draw.place) for draw in first] == [(0, place) for place in range(50)]
    assert sorted(draw.position for draw in first) == list(range(50))
    assert [draw.position for draw in first] != [draw.position for draw in second]


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.1), (0.5, 0.25), (1.0, 0.5)])
def test_balance_shows_products_of_few_photos_more_often(balance: float, share: float) -> None:
    classes = np.repeat([0, 1], [900, 100])
    sampler = EpochSampler(classes, seed=2, balance=balance)
    drawn = []
    for epoch in range(10):
        sampler.set_epoch(epoch)
        draws = list(sampler)
        assert len(draws) == len(sampler) == 1000
        drawn += [classes[draw.position] for draw in draws]
    assert np.mean(drawn) == pytest.approx(share, abs=0.02)


def test_repeats_show_each_photo_in_other_views(tiny_pantry: Path) -> None:
    sampler = EpochSampler(np.arange(4), seed=1, repeats=3)
    assert sorted(draw.position for draw in sampler) == sorted([0, 1, 2, 3] * 3)
    assert [draw.place for draw in sampler] == list(range(12)) == list(range(len(sampler)))


def test_still_views_are_some_of_each_photo_or_the_photo_itself(tiny_pantry: Path) -> None:
    material = Material.of_splits(PantryFile.open(tiny_pantry))
    recipe = tiny_recipe(tiny_pantry)
    plain, viewed, again = (
        torch.cat([images for images, _ in still_loader(material, recipe, views)]) for views in (0, 2, 2)
    )
    photos = len(material.training)
    assert len(plain) == photos
    assert len(viewed) == 2 * photos
    assert torch.equal(viewed, again)
    assert not torch.equal(viewed[:photos], viewed[photos:])
    classes = torch.cat([classes for _, classes in still_loader(material, recipe, 2)])
    assert classes.tolist() == 2 * material.classes[material.training].tolist()


def test_views_grow_with_the_epochs(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    sides = [batches(file, epoch)[0].shape[-1] for epoch in range(3)]
    assert sides == [32, 32, 64]


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
    images, classes = next(iter(plain_loader(Material.of_splits(file), rows, CONTRACT, batch_size=4)))
    assert np.array_equal(images.numpy(), CONTRACT.tensor([file.photo(row) for row in rows[:4]]))
    assert classes.tolist() == file.labels[rows[:4]].tolist()
