from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_training import CONTRACT, StoppedError, TinyNetwork, tiny_recipe

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import RunError
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import plain_loader, training_loader
from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.trainer import finetune, mean_weights, mixed_weights, resolve_precision

pytestmark = pytest.mark.train


def run_finetune(dataset: Path, run: Path, **options: Any) -> FineTune:
    run.mkdir(exist_ok=True)
    recipe = tiny_recipe(dataset, **options)
    material = Material.of_splits(PantryFile.open(dataset))
    torch.manual_seed(3)
    network = TinyNetwork()
    head = CosineHead(torch.randn(len(material.tree), network.embedding_size), scale=10.0)
    training = training_loader(material, recipe)
    kinds = material.tree.kind_ids
    module = FineTune(network, head, recipe, kinds=kinds, epoch_steps=len(training))
    finetune(module, training, plain_loader(material, material.validation, CONTRACT), run)
    return module


def history(run: Path) -> list[dict[str, str]]:
    with (run / "history.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_interrupted_run_ends_as_an_uninterrupted_one(
    tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_finetune(tiny_pantry, tmp_path / "whole", mixup=0.4)

    step = FineTune.training_step

    def dies_in_the_second_epoch(
        self: FineTune, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int
    ) -> torch.Tensor:
        if self.current_epoch == 1 and batch_idx == 1:
            raise StoppedError
        return step(self, batch, batch_idx)

    with monkeypatch.context() as patched:
        patched.setattr(FineTune, "training_step", dies_in_the_second_epoch)
        with pytest.raises(StoppedError):
            run_finetune(tiny_pantry, tmp_path / "broken", mixup=0.4)
    assert len(history(tmp_path / "broken")) == 1
    resumed = run_finetune(tiny_pantry, tmp_path / "broken", mixup=0.4)

    assert history(tmp_path / "broken") == history(tmp_path / "whole")
    pairs = zip(whole.state_dict().items(), resumed.state_dict().items(), strict=True)
    assert all(name == other and torch.equal(a, b) for (name, a), (other, b) in pairs)


def test_a_run_that_was_killed_after_its_last_epoch_keeps_the_averaged_weights(
    tiny_pantry: Path, tmp_path: Path
) -> None:
    whole = run_finetune(tiny_pantry, tmp_path, averaging=0.9)
    again = run_finetune(tiny_pantry, tmp_path, averaging=0.9)
    assert len(history(tmp_path)) == 3
    assert torch.equal(whole.head.directions, again.head.directions)


def test_training_lowers_the_loss_along_a_warmed_cosine(tiny_pantry: Path, tmp_path: Path) -> None:
    run_finetune(tiny_pantry, tmp_path, epochs=6, averaging=0.5)
    lines = history(tmp_path)
    losses, rates = ([float(line[key]) for line in lines] for key in ("train_loss", "backbone_rate"))
    assert losses[-1] < losses[0]
    assert max(rates) <= 1e-3
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-5


def test_averaged_weights_are_what_is_kept(tiny_pantry: Path, tmp_path: Path) -> None:
    averaged = run_finetune(tiny_pantry, tmp_path / "averaged", averaging=0.9)
    last = run_finetune(tiny_pantry, tmp_path / "last", averaging=0.0)
    assert not torch.equal(averaged.head.directions, last.head.directions)


def test_a_diverged_run_says_what_to_do(tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(self: FineTune, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        logits: torch.Tensor = self(batch[0])
        return logits.sum() * float("nan")

    monkeypatch.setattr(FineTune, "training_step", poisoned)
    with pytest.raises(RunError, match="diverged.*lower finetune.backbone_rate"):
        run_finetune(tiny_pantry, tmp_path)


@pytest.mark.parametrize(("flags", "expected"), [("avx2 avx512_bf16", "bf16-mixed"), ("avx2", "32-true")])
def test_precision_follows_the_processor(flags: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: flags)
    assert resolve_precision("auto") == expected
    assert resolve_precision("32-true") == "32-true"


def test_frozen_stages_keep_their_starting_weights(tiny_pantry: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    start = TinyNetwork().state_dict()
    end = run_finetune(tiny_pantry, tmp_path, frozen_stages=1).backbone.state_dict()
    same = {name: torch.equal(start[name], end[name]) for name in start}
    assert same == {name: name.startswith("features.0.") for name in start}


def test_the_start_share_is_mixed_into_what_is_kept(tiny_pantry: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    start = TinyNetwork().state_dict()["features.0.weight"]
    end, mixed = (
        run_finetune(tiny_pantry, tmp_path / str(share), start_share=share).backbone.state_dict()["features.0.weight"]
        for share in (0.0, 0.25)
    )
    assert not torch.allclose(start, end)
    torch.testing.assert_close(mixed, 0.25 * start + 0.75 * end)


def test_weights_lie_on_the_line_between_start_and_end() -> None:
    start, end = {"w": torch.tensor([0.0, 4.0])}, {"w": torch.tensor([8.0, 4.0])}
    assert mixed_weights(start, end, 0.25)["w"].tolist() == [6.0, 4.0]


def test_counters_are_no_weights_to_be_averaged() -> None:
    states = [{"w": torch.tensor([value]), "steps": torch.tensor([steps])} for value, steps in ((1.0, 3), (2.0, 5))]
    assert {name: each.tolist() for name, each in mean_weights(states).items()} == {"w": [1.5], "steps": [3]}


def test_training_ends_early_when_validation_gets_no_better(
    tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worse_each_epoch(self: FineTune, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> None:
        self.log("validation_loss", float(self.current_epoch), batch_size=1)

    monkeypatch.setattr(FineTune, "validation_step", worse_each_epoch)
    run_finetune(tiny_pantry, tmp_path, epochs=9, patience=2)
    assert len(history(tmp_path)) == 3
