"""The fine-tune of the whole network after the probe; Lightning does the mechanics."""

from __future__ import annotations

import csv
import io
import logging
import math
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, WeightAveraging
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from shibuya_optics.augment import mix_up
from shibuya_optics.errors import RunError
from shibuya_optics.files import write_whole
from shibuya_optics.train.head import CosineHead
from shibuya_optics.train.recipe import FinetuneOptions, Precision

Batch = tuple[Tensor, Tensor]
Loader = DataLoader[tuple[Tensor, int]]
# Keeps MixUp's draws apart from those of the views and of the order of photos, which share the seed.
MIXING_STREAM = 7_919


class FineTune(LightningModule):
    """Backbone and head under one loss: cross-entropy with label smoothing on mixed photos."""

    def __init__(
        self, backbone: nn.Module, head: CosineHead, options: FinetuneOptions, seed: int, epoch_steps: int
    ) -> None:
        """`epoch_steps`: optimiser steps an epoch, from which warm-up and cosine are laid out."""
        super().__init__()
        self.backbone, self.head = backbone, head
        self.options, self.seed, self.epoch_steps = options, seed, epoch_steps

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, size, size)` to logits `(batch, products)`."""
        logits: Tensor = self.head(self.backbone(images.contiguous(memory_format=torch.channels_last)).float())
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch: a scalar."""
        images, classes = batch
        rng = np.random.default_rng((self.seed, MIXING_STREAM, self.current_epoch, batch_idx))
        partner_positions, weight = mix_up(len(images), self.options.mixup, rng)
        partners = torch.from_numpy(partner_positions).to(images.device)
        logits = self(weight * images + (1 - weight) * images[partners])
        smoothing = self.options.label_smoothing
        loss = weight * functional.cross_entropy(logits, classes, label_smoothing=smoothing) + (
            1 - weight
        ) * functional.cross_entropy(logits, classes[partners], label_smoothing=smoothing)
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log loss and accuracy on validation photos."""
        images, classes = batch
        logits = self(images)
        right = (logits.argmax(dim=1) == classes).float().mean()
        size = len(images)
        self.log("validation_loss", functional.cross_entropy(logits, classes), batch_size=size)
        self.log("validation_accuracy", right, batch_size=size, prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW, two learning rates, no decay of biases and scale; linear warm-up, then a cosine to zero."""
        optimiser = torch.optim.AdamW(
            [
                *_decayed(self.backbone, self.options.backbone_rate, self.options.weight_decay),
                *_decayed(self.head, self.options.head_rate, self.options.weight_decay),
            ]
        )
        steps = max(1, self.options.epochs * self.epoch_steps)
        warmup = self.options.warmup_epochs * self.epoch_steps

        def factor(step: int) -> float:
            if step < warmup:
                return (step + 1) / (warmup + 1)
            return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1.0, steps - warmup))))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _decayed(module: nn.Module, rate: float, decay: float) -> list[dict[str, Any]]:
    """A module's parameters as two optimiser groups: weights, which decay, and biases and scalars, which do not."""
    weights = [parameter for parameter in module.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in module.parameters() if parameter.ndim <= 1]
    return [
        {"params": weights, "lr": rate, "weight_decay": decay},
        {"params": others, "lr": rate, "weight_decay": 0.0},
    ]


class History(Callback):
    """One line an epoch in a CSV file, rewritten whole; the lines travel in the checkpoint, so a resume keeps them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """The lines so far."""
        return {"lines": self.lines}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the lines of a checkpoint."""
        self.lines = list(state_dict["lines"])

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the line of the epoch that ended."""
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        rate = float(trainer.optimizers[0].param_groups[0]["lr"])
        self.lines.append({"epoch": trainer.current_epoch + 1, "backbone_rate": rate, **dict(sorted(metrics.items()))})
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self.lines[-1]))
        writer.writeheader()
        writer.writerows(self.lines)
        write_whole(self.path, text.getvalue().encode())


def resolve_precision(precision: Precision) -> Literal["32-true", "bf16-mixed"]:
    """`auto` becomes bf16 where the GPU or the processor computes it natively, else 32 bit."""
    if precision != "auto":
        return precision
    native = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else _cpu_has_bf16()
    return "bf16-mixed" if native else "32-true"


def _cpu_has_bf16() -> bool:
    """Whether the processor multiplies bf16 numbers itself; emulated, bf16 is slower than 32 bit."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))


def finetune(module: FineTune, training: Loader, validation: Loader, run: Path, *, progress: bool) -> None:
    """Fine-tune in place; the averaged weights are what is left in the module.

    A checkpoint is written after each epoch to `run/checkpoints`, and taken up if there is one. Views, order and
    mixing depend on the seed and the epoch alone, so an interrupted run ends as an uninterrupted one.

    Raises:
        RunError: the loss is not a number any more: a learning rate was too high.
    """
    # Advice of the frameworks to their programmers is no news to the person who trains a pantry.
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit(module, training, validation, run, progress=progress)
    if not all(bool(torch.isfinite(parameter).all()) for parameter in module.parameters()):
        raise RunError(f"training in {run} diverged (weights are not finite): lower finetune.backbone_rate.")


def _fit(module: FineTune, training: Loader, validation: Loader, run: Path, *, progress: bool) -> None:
    checkpoints = run / "checkpoints"
    last = checkpoints / "last.ckpt"
    options = module.options
    callbacks: list[Callback] = [
        ModelCheckpoint(dirpath=checkpoints, filename="last", save_top_k=1, enable_version_counter=False),
        History(run / "history.csv"),
    ]
    if options.averaging:
        callbacks.insert(
            0,
            WeightAveraging(multi_avg_fn=get_ema_multi_avg_fn(options.averaging)),  # type: ignore[no-untyped-call]
        )
    trainer = Trainer(
        accelerator="auto",
        devices=1,
        precision=resolve_precision(options.precision),
        max_epochs=options.epochs,
        gradient_clip_val=options.gradient_clip,
        callbacks=callbacks,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=run,
    )
    module.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this form
    trainer.fit(module, training, validation, ckpt_path=last if last.exists() else None, weights_only=False)
    if last.exists():
        # The checkpoint holds what is kept, the averaged weights; a run that only had its export left has them from here.
        module.load_state_dict(torch.load(last, map_location="cpu", weights_only=False)["state_dict"])
