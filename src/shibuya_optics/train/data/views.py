"""Random views of a run's training photos, with the products that are cut out for rendered scenes kept at hand."""

from __future__ import annotations

import torch
from numpy.random import Generator
from torch import Tensor

from shibuya_optics.augment import Studio, random_view
from shibuya_optics.contract import Pixels
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import Recipe

# How many other photos lend a rendered scene its neighbours and its backdrop.
AROUND = 3
MOST_KEPT = 512


class Views:
    """Makes views of training photos as a recipe's `[views]` says; what it keeps only saves time."""

    def __init__(self, material: Material, recipe: Recipe) -> None:
        self.material, self.recipe = material, recipe
        self._studios: dict[int, Studio] = {}

    def view(self, position: int, size: int, rng: Generator) -> tuple[Tensor, int]:
        """A view of the training photo at a position, `float32 (3, size, size)` by the contract, and its class id.

        The view depends on the state of `rng` alone.
        """
        recipe, rows = self.recipe, self.material.training
        around: list[Pixels | Studio] = []
        if recipe.views.background:
            around = [self._prepared(int(row)) for row in rng.choice(rows, AROUND)]
        row = int(rows[position])
        view = random_view(self._prepared(row), size, recipe.views, rng, around)
        return torch.from_numpy(recipe.contract.normalise(view[None])[0]), int(self.material.classes[row])

    def _prepared(self, row: int) -> Pixels | Studio:
        """The photo; cut out once and kept, where scenes are rendered and it can be."""
        if row in self._studios:
            return self._studios[row]
        photo: Pixels = self.material.file.photo(row)
        if not self.recipe.views.background:
            return photo
        studio = Studio.of(photo)
        if studio.cut and len(self._studios) < MOST_KEPT:
            self._studios[row] = studio
        return studio
