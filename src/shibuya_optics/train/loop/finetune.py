"""The fine-tune of the whole network after the probe, as Lightning runs it."""

from __future__ import annotations

import numpy as np
import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional

from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.loss import classification_loss
from shibuya_optics.train.loop.mixing import mixed
from shibuya_optics.train.loop.rates import parameter_groups, rate_factor
from shibuya_optics.train.loop.teacher import Teacher
from shibuya_optics.train.recipe import Recipe

Batch = tuple[Tensor, Tensor]
# Keeps the draws of mixing apart from those of the views and of the order of photos, which share the seed.
MIXING_STREAM = 7_919


class FineTune(LightningModule):
    """Backbone and head under one loss: cross-entropy with label smoothing on mixed photos."""

    kinds: Tensor

    def __init__(
        self,
        backbone: nn.Module,
        head: CosineHead,
        recipe: Recipe,
        *,
        kinds: tuple[int, ...],
        epoch_steps: int,
        teacher: Teacher | None = None,
    ) -> None:
        """Frozen stages take no gradient from here on.

        Args:
            backbone: `(batch, 3, size, size)` to `(batch, embedding_size)`, with its parts in order by `stages()`.
            head: embeddings to logits.
            recipe: its options of the fine-tune, and the seed of the mixing.
            kinds: the kind of each product, as `LabelTree.kind_ids`.
            epoch_steps: optimiser steps an epoch, from which warm-up and cosine are laid out.
            teacher: whose answers are learned beside the truth; None = the truth alone.
        """
        super().__init__()
        self.backbone, self.head = backbone, head
        self.options, self.seed = recipe.finetune, recipe.seed
        self.epoch_steps, self.teacher = epoch_steps, teacher
        self.register_buffer("kinds", torch.tensor(kinds), persistent=False)
        for stage in backbone.stages()[: self.options.frozen_stages]:  # type: ignore[operator]  # every backbone has it
            stage.requires_grad_(requires_grad=False)

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, size, size)` to logits `(batch, products)`."""
        logits: Tensor = self.head(self.backbone(images.contiguous(memory_format=torch.channels_last)).float())
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch: a scalar."""
        images, classes = batch
        rng = np.random.default_rng((self.seed, MIXING_STREAM, self.current_epoch, batch_idx))
        images, partners, weight = mixed(images, self.options, rng)
        logits = self(images)
        loss = self._loss(logits, classes)
        if weight < 1:
            loss = weight * loss + (1 - weight) * self._loss(logits, classes[partners])
        if self.teacher:
            share = self.options.teacher_share
            loss = (1 - share) * loss + share * functional.cross_entropy(logits, self.teacher.shares(images))
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def _loss(self, logits: Tensor, classes: Tensor) -> Tensor:
        return classification_loss(logits, classes, self.kinds, self.head.scale, self.options)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log loss and accuracy on validation photos."""
        images, classes = batch
        logits = self(images)
        right = (logits.argmax(dim=1) == classes).float().mean()
        size = len(images)
        self.log("validation_loss", functional.cross_entropy(logits, classes), batch_size=size)
        self.log("validation_accuracy", right, batch_size=size, prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW; linear warm-up, then a cosine to zero."""
        options = self.options
        optimiser = torch.optim.AdamW(parameter_groups(self.backbone, self.head, options))
        steps, warmup = options.epochs * self.epoch_steps, options.warmup_epochs * self.epoch_steps
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, steps, warmup))
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
