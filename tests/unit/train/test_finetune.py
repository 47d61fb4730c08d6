from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_training import CONTRACT, TinyNetwork, tiny_recipe
from torch.utils.data import DataLoader

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import RunError
from shibuya_optics.train.finetune import FineTune, History, finetune, resolve_precision
from shibuya_optics.train.head import CosineHead
from shibuya_optics.train.photos import EpochSampler, TrainingViews, plain_loader

pytestmark = pytest.mark.train


class StoppedError(Exception):
    """Stands for a kill."""


def run_finetune(dataset: Path, run: Path, **options: object) -> FineTune:
    run.mkdir(exist_ok=True)
    recipe = tiny_recipe(dataset, **options)
    file = PantryFile.open(dataset)
    rows = file.rows("train")
    torch.manual_seed(3)
    network = TinyNetwork()
    head = CosineHead(torch.randn(len(file.tree), network.embedding_size), scale=10.0)
    views = TrainingViews(file, rows, CONTRACT, recipe.views, recipe.seed)
    training = DataLoader(views, batch_size=8, sampler=EpochSampler(len(rows), recipe.seed))
    module = FineTune(network, head, recipe.finetune, recipe.seed, len(training))
    finetune(module, training, plain_loader(file, file.rows("validation"), CONTRACT), run, progress=False)
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


def test_biases_and_scale_do_not_decay(tiny_pantry: Path) -> None:
    options = tiny_recipe(tiny_pantry, weight_decay=0.3).finetune
    module = FineTune(TinyNetwork(), CosineHead(torch.eye(3, 16), 5.0), options, 1, epoch_steps=4)
    configured: Any = module.configure_optimizers()
    groups = configured["optimizer"].param_groups
    decays = {p.ndim > 1: group["weight_decay"] for group in groups for p in group["params"]}
    assert decays == {True: 0.3, False: 0.0}
    assert {group["initial_lr"] for group in groups} == {options.backbone_rate, options.head_rate}


def test_a_diverged_run_says_what_to_do(tiny_pantry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(self: FineTune, batch: tuple[torch.Tensor, torch.Tensor], batch_idx: int) -> torch.Tensor:
        logits: torch.Tensor = self(batch[0])
        return logits.sum() * float("nan")

    monkeypatch.setattr(FineTune, "training_step", poisoned)
    with pytest.raises(RunError, match="diverged.*lower finetune.backbone_rate"):
        run_finetune(tiny_pantry, tmp_path)


def test_history_survives_in_the_checkpoint(tmp_path: Path) -> None:
    first, second = History(tmp_path / "a.csv"), History(tmp_path / "b.csv")
    first.lines.append({"epoch": 1})
    second.load_state_dict(first.state_dict())
    assert second.lines == [{"epoch": 1}]


@pytest.mark.parametrize(("flags", "expected"), [("avx2 avx512_bf16", "bf16-mixed"), ("avx2", "32-true")])
def test_precision_follows_the_processor(flags: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: flags)
    assert resolve_precision("auto") == expected
    assert resolve_precision("32-true") == "32-true"
