"""Photos of a dataset as PyTorch sees them: seeded random views to train on, the contract's square to judge by."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from shibuya_optics.contract import InputContract
from shibuya_optics.senses import Look
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.views import Views
from shibuya_optics.train.recipe import Recipe

Loader = DataLoader[tuple[Tensor, int]]
# Keeps the draws of views that are only looked at apart from those that are trained on.
STILL_STREAM = 6_101


class Draw(NamedTuple):
    """One photo of an epoch: the epoch, the place in it, and the position among the training rows.

    Epoch and place travel with the position, so that a view depends on nothing but them and the seed: not on the worker
    that draws it, nor on whether training was interrupted.
    """

    epoch: int
    place: int
    position: int


class EpochSampler(Sampler[Draw]):
    """The photos of each epoch, in an order that the seed and the epoch decide.

    Without balance every photo comes `repeats` times. With it as many are drawn with replacement, those of a product that
    has n of them with a chance of n ** -balance each, so that at 1 all products come equally often.
    """

    def __init__(self, classes: NDArray[np.int64], seed: int, balance: float = 0.0, repeats: int = 1) -> None:
        """`classes`: class ids of the training rows `(photos,)`; `balance`: 0 to 1; `repeats`: at least 1."""
        self.photos, self.seed, self.repeats, self.epoch = len(classes), seed, repeats, 0
        weights = np.bincount(classes)[classes] ** -balance
        self.chances = weights / weights.sum() if balance else None

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.photos * self.repeats

    def __iter__(self) -> Iterator[Draw]:
        rng = np.random.default_rng((self.seed, self.epoch))
        if self.chances is None:
            order = rng.permutation(len(self)) % self.photos
        else:
            order = rng.choice(self.photos, len(self), p=self.chances)
        return (Draw(self.epoch, place, int(position)) for place, position in enumerate(order))


class TrainingViews(Dataset[tuple[Tensor, int]]):
    """Random views of the training rows: (`float32 (3, side, side)`, class id) for each draw; the side is the epoch's."""

    def __init__(self, material: Material, recipe: Recipe) -> None:
        self.recipe, self.photos, self.views = recipe, len(material.training), Views(material, recipe)

    def __len__(self) -> int:
        return self.photos

    def __getitem__(self, draw: Draw) -> tuple[Tensor, int]:
        rng = np.random.default_rng((self.recipe.seed, draw.epoch, draw.place))
        return self.views.view(draw.position, self.recipe.finetune.size_in(draw.epoch, self.recipe.contract), rng)


class StillViews(Dataset[tuple[Tensor, int]]):
    """Some random views of each training row, at the contract's size, for whoever looks without learning.

    Position p shows row p % photos in its view number p // photos; views differ from those that are trained on.
    """

    def __init__(self, material: Material, recipe: Recipe, count: int) -> None:
        self.recipe, self.photos, self.count = recipe, len(material.training), count
        self.views = Views(material, recipe)

    def __len__(self) -> int:
        return self.photos * self.count

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        rng = np.random.default_rng((self.recipe.seed, STILL_STREAM, position))
        return self.views.view(position % self.photos, self.recipe.contract.size, rng)


class PlainPhotos(Dataset[tuple[Tensor, int]]):
    """The given rows as they are identified: (`float32 (3, size, size)`, class id) for each position."""

    def __init__(self, material: Material, rows: NDArray[np.intp], contract: InputContract) -> None:
        self.material, self.rows, self.contract = material, rows, contract

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        row = int(self.rows[position])
        square = self.contract.tensor([self.material.file.photo(row)])[0]
        return torch.from_numpy(square), int(self.material.classes[row])


def training_loader(material: Material, recipe: Recipe) -> Loader:
    """Batches of views to train on; the same ones whatever the number of workers."""
    options = recipe.finetune
    sampler = EpochSampler(material.classes[material.training], recipe.seed, options.balance, options.repeats)
    return DataLoader(
        TrainingViews(material, recipe), batch_size=options.batch_size, sampler=sampler, num_workers=workers()
    )


def plain_loader(material: Material, rows: NDArray[np.intp], contract: InputContract, batch_size: int = 32) -> Loader:
    """Batches of plain photos, in the order of the rows."""
    return DataLoader(PlainPhotos(material, rows, contract), batch_size=batch_size, num_workers=workers())


def still_loader(material: Material, recipe: Recipe, views: int, batch_size: int = 32) -> Loader:
    """The training rows without chance: each photo as it is identified, or some seeded views of it where views > 0."""
    if not views:
        return plain_loader(material, material.training, recipe.contract, batch_size)
    return DataLoader(StillViews(material, recipe, views), batch_size=batch_size, num_workers=workers())


def workers() -> int:
    """How many processes make views: where a GPU trains, one a core but one; else none, for training has all cores."""
    return max(0, (os.cpu_count() or 1) - 1) if torch.cuda.is_available() else 0


def seen_by(look: Look, material: Material, rows: NDArray[np.intp], batch_size: int = 64) -> NDArray[np.float32]:
    """What the exported network sees in the given rows: unit rows `(photos, d)`, exactly as when it identifies."""
    starts = range(0, len(rows), batch_size)
    return np.concatenate([look.vectors([material.file.photo(r) for r in rows[i : i + batch_size]]) for i in starts])
