"""Photos of a dataset as PyTorch sees them: seeded random views to train on, the contract's square to judge by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from shibuya_optics.augment import ViewOptions, random_view
from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.senses import Look

Draw = tuple[int, int]


class EpochSampler(Sampler[Draw]):
    """Each epoch, every position once, in an order that the seed and the epoch decide; yields (epoch, position).

    The epoch travels with the position, so that a view depends on nothing but (seed, epoch, position): not on the
    worker that draws it, nor on whether training was interrupted.
    """

    def __init__(self, length: int, seed: int) -> None:
        self.length, self.seed, self.epoch = length, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Draw]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(self.length)
        return ((self.epoch, int(position)) for position in order)


class TrainingViews(Dataset[tuple[Tensor, int]]):
    """Random views of the given rows: (`float32 (3, size, size)`, class id) for each (epoch, position)."""

    def __init__(
        self, file: PantryFile, rows: NDArray[np.intp], contract: InputContract, views: ViewOptions, seed: int
    ) -> None:
        self.file, self.rows, self.contract, self.views, self.seed = file, rows, contract, views, seed

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, int]:
        epoch, position = draw
        row = int(self.rows[position])
        rng = np.random.default_rng((self.seed, epoch, position))
        view = random_view(self.file.photo(row), self.contract.size, self.views, rng)
        return torch.from_numpy(self.contract.normalise(view[None])[0]), int(self.file.labels[row])


class PlainPhotos(Dataset[tuple[Tensor, int]]):
    """The given rows as they are identified: (`float32 (3, size, size)`, class id) for each position."""

    def __init__(self, file: PantryFile, rows: NDArray[np.intp], contract: InputContract) -> None:
        self.file, self.rows, self.contract = file, rows, contract

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> tuple[Tensor, int]:
        row = int(self.rows[position])
        return torch.from_numpy(self.contract.tensor([self.file.photo(row)])[0]), int(self.file.labels[row])


def plain_loader(
    file: PantryFile, rows: NDArray[np.intp], contract: InputContract, batch_size: int = 32
) -> DataLoader[tuple[Tensor, int]]:
    """Batches of plain photos, in the order of the rows."""
    return DataLoader(PlainPhotos(file, rows, contract), batch_size=batch_size)


def seen_by(look: Look, file: PantryFile, rows: NDArray[np.intp], batch_size: int = 64) -> NDArray[np.float32]:
    """What the exported network sees in the given rows: unit rows `(photos, d)`, exactly as when it identifies."""
    starts = range(0, len(rows), batch_size)
    return np.concatenate([look.vectors([file.photo(row) for row in rows[i : i + batch_size]]) for i in starts])
