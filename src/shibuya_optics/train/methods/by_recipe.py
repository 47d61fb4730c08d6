"""The ways to train by a recipe, each imported only when a recipe asks for it: a frozen network needs no PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import MissingExtraError
from shibuya_optics.train.bundling.made import Made
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.trackers import Tracker


class Method(Protocol):
    """A way to train. `folder` is of this training alone; what an earlier start has left there is taken up."""

    def check(self, recipe: Recipe) -> None:
        """Refuse a recipe that this method cannot follow, before anything is written."""

    def make(self, recipe: Recipe, material: Material, folder: Path, tracker: Tracker, *, progress: bool) -> Made:
        """Train, and give the bundle."""

    def logits(
        self,
        recipe: Recipe,
        material: Material,
        rows: NDArray[np.intp],
        folder: Path,
        tracker: Tracker,
        *,
        progress: bool,
    ) -> NDArray[np.float32]:
        """Train, and give the head's logits `(photos, products)`, scale * cosine, of rows of the dataset."""


def method_of(recipe: Recipe) -> Method:
    """The method that a recipe asks for.

    Raises:
        MissingExtraError: it needs a library that is not installed.
    """
    extra, what = ("learn", "learning a head") if recipe.method == "frozen" else ("train", "training a whole network")
    try:
        if recipe.method == "frozen":
            from shibuya_optics.train.methods import frozen

            return frozen
        from shibuya_optics.train.methods import finetuned
    except ModuleNotFoundError as error:
        raise MissingExtraError(extra, f"{what} (it lacks {error.name})") from error
    return finetuned
