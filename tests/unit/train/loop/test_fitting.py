from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_training import StoppedError, tiny_recipe

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.fitting import MEMBER_SEEDS, Fitted, fit

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("tiny_weights")]


def fitted(dataset: Path, folder: Path, generations: int = 1, members: int = 1, seed: int = 1) -> Fitted:
    folder.mkdir(exist_ok=True)
    recipe = tiny_recipe(dataset, {"seed": seed}, generations=generations, members=members)
    with PantryFile.open(dataset) as file:
        return fit(recipe, Material.of_splits(file), folder)


def same(one: Fitted, other: Fitted) -> bool:
    pairs = zip(one.network.parameters(), other.network.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs) and torch.equal(one.head.directions, other.head.directions)


def test_each_generation_starts_anew_and_learns_from_the_one_before(tiny_pantry: Path, tmp_path: Path) -> None:
    alone, second = (fitted(tiny_pantry, tmp_path / str(count), count) for count in (1, 2))
    assert not same(alone, second)
    first = tmp_path / "2" / "generation-1" / "history.csv"
    assert first.read_bytes() == (tmp_path / "1" / "history.csv").read_bytes()


def test_a_second_generation_that_was_interrupted_ends_as_one_that_was_not(
    tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fitted(tiny_pantry, tmp_path / "whole", 2)
    step = FineTune.training_step

    def dies(self: FineTune, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        if self.teacher and self.current_epoch == 1 and batch_idx == 1:
            raise StoppedError
        return step(self, batch, batch_idx)

    with monkeypatch.context() as patched:
        patched.setattr(FineTune, "training_step", dies)
        with pytest.raises(StoppedError):
            fitted(tiny_pantry, tmp_path / "broken", 2)
    assert same(whole, fitted(tiny_pantry, tmp_path / "broken", 2))


def test_a_soup_is_the_mean_of_trainings_by_other_seeds(tiny_pantry: Path, tmp_path: Path) -> None:
    soup = fitted(tiny_pantry, tmp_path / "soup", members=2)
    one, other = (fitted(tiny_pantry, tmp_path / str(seed), seed=seed) for seed in (1, 1 + MEMBER_SEEDS))
    assert not same(one, other)
    for mean, a, b in zip(*(each.network.parameters() for each in (soup, one, other)), strict=True):
        torch.testing.assert_close(mean, (a + b) / 2)
    torch.testing.assert_close(soup.head.directions, (one.head.directions + other.head.directions) / 2)
