"""What a network that was trained on some photos says of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch.loggers import Logger
from numpy.typing import NDArray

from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import plain_loader
from shibuya_optics.train.loop.fitting import fit
from shibuya_optics.train.loop.probe import embed
from shibuya_optics.train.recipe import Recipe


def trained_logits(
    recipe: Recipe,
    material: Material,
    rows: NDArray[np.intp],
    folder: Path,
    *,
    loggers: Sequence[Logger] = (),
    progress: bool = False,
) -> NDArray[np.float32]:
    """Train, and give the head's logits `(photos, products)` of the rows, as they would be identified.

    Raises:
        what `fitting.fit` raises.
    """
    fitted = fit(recipe, material, folder, loggers=loggers, progress=progress)
    vectors, _ = embed(fitted.network, plain_loader(material, rows, recipe.contract))
    with torch.no_grad():
        logits: NDArray[np.float32] = fitted.head.cpu()(torch.from_numpy(vectors)).numpy()
    return logits
