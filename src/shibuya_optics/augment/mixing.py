"""Mixing of whole photos within a batch."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


def mix_up(batch: int, alpha: float, rng: Generator) -> tuple[NDArray[np.int64], float]:
    """Partners and weight for MixUp: mixed = weight * photo + (1 - weight) * photo[partner].

    Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018 (arXiv 1710.09412).

    Args:
        batch: number of photos.
        alpha: the weight is drawn from Beta(alpha, alpha), and folded to 0.5-1; 0 mixes nothing.
        rng: where the draw comes from.

    Returns:
        partner positions `int64 (batch,)`, and the weight, 0.5 to 1.
    """
    if alpha <= 0:
        return np.arange(batch), 1.0
    weight = float(rng.beta(alpha, alpha))
    return rng.permutation(batch), max(weight, 1 - weight)
