"""Training small enough for any test: three products told apart by colour, and a network of two convolutions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tiny_bundle import noisy_photo
from torch import Tensor, nn

from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Split
from shibuya_optics.train.backbones import Backbone
from shibuya_optics.train.backbones.mobile_networks import SameConv
from shibuya_optics.train.recipe import Recipe

CONTRACT = InputContract(size=32, resize=32)
COLOURS = {"Fruit/Apple/Red": (220, 40, 40), "Fruit/Apple/Green": (60, 200, 60), "Dairy/Milk/Blue": (60, 60, 210)}
FOLDS = 3
PHOTOS: dict[Split, int] = {"train": 8, "validation": 4, "test": 4}


class StoppedError(Exception):
    """Stands for a kill."""


class TinyNetwork(nn.Module):
    """`(batch, 3, height, width)` to `(batch, 16)`."""

    embedding_size = 16

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(SameConv(3, 8, 3, 2), nn.ReLU(), SameConv(8, 16, 3, 2), nn.ReLU())

    def stages(self) -> list[nn.Module]:
        return list(self.features)

    def forward(self, images: Tensor) -> Tensor:
        return torch.mean(self.features(images), dim=(2, 3))


TINY_BACKBONE = Backbone("tiny", TinyNetwork, CONTRACT, licence="MIT", origin="random numbers")


def write_tiny_weights(folder: Path) -> Path:
    """Random starting weights for `tiny`, and a classifier behind them that the network has not, as in real files."""
    rng = np.random.default_rng(0)
    shapes = [(8, 3, 3, 3), (8,), (16, 8, 3, 3), (16,), (1001, 16, 1, 1), (1001,)]
    arrays = {f"layer{i}": rng.normal(0, 0.3, shape).astype(np.float32) for i, shape in enumerate(shapes)}
    path = folder / "tiny" / "weights.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **arrays)
    return path


def write_tiny_pantry(path: Path, origin: str = "public:tiny") -> Path:
    """A dataset of noisy photos of one colour a product; those of train and validation are in folds, too."""
    rows = []
    for split, count in PHOTOS.items():
        for product, (label, colour) in enumerate(sorted(COLOURS.items())):
            for number in range(count):
                seed = 1_000 * product + 100 * list(PHOTOS).index(split) + number
                jpeg = encode_jpeg(noisy_photo(colour, seed, noise=80, side=48))
                sha256 = hashlib.sha256(jpeg).hexdigest()
                rows.append(
                    Row(
                        jpeg=jpeg,
                        label=label,
                        split=split,
                        fold=None if split == "test" else number % FOLDS,
                        origin=origin,
                        group=None,
                        sha256=sha256,
                        width=48,
                        height=48,
                    )
                )
    sources = [{"origin": origin, "licence": "MIT", "photos": len(rows)}]
    write_pantry(path, rows, LabelTree.of(COLOURS), sources)
    return path


def tiny_recipe(dataset: Path, recipe: Mapping[str, object] | None = None, **finetune: Any) -> Recipe:
    """A recipe of three short epochs; `recipe` overrides its parts, the rest those of the fine-tune."""
    options = {"epochs": 3, "batch_size": 8, "backbone_rate": 1e-3, "precision": "32-true", **finetune}
    return Recipe.model_validate(
        {
            "name": "tiny",
            "dataset": str(dataset),
            "backbone": "tiny",
            "contract": {"size": 32, "resize": 32},
            "finetune": options,
            "bundle": {"exemplars": 4},
            **(recipe or {}),
        }
    )
