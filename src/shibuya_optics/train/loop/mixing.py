"""A batch with its photos mixed in pairs, by MixUp or CutMix."""

from __future__ import annotations

import torch
from numpy.random import Generator
from torch import Tensor

from shibuya_optics.augment import cut_mix, mix_up
from shibuya_optics.train.recipe import FinetuneOptions


def mixed(images: Tensor, options: FinetuneOptions, rng: Generator) -> tuple[Tensor, Tensor, float]:
    """Mixed images `(batch, 3, size, size)`, the partners' positions int64 `(batch,)`, and each photo's own share, 0-1.

    With both `mixup` and `cutmix` above 0, a coin decides between them for the whole batch; with neither, the share is 1.
    """
    if options.cutmix and (not options.mixup or rng.random() < 0.5):
        positions, (top, bottom, left, right), weight = cut_mix(len(images), images.shape[-1], options.cutmix, rng)
        partners = torch.from_numpy(positions).to(images.device)
        cut = images.clone()
        cut[:, :, top:bottom, left:right] = images[partners, :, top:bottom, left:right]
        return cut, partners, weight
    positions, weight = mix_up(len(images), options.mixup, rng)
    partners = torch.from_numpy(positions).to(images.device)
    if weight < 1:
        images = weight * images + (1 - weight) * images[partners]
    return images, partners, weight
