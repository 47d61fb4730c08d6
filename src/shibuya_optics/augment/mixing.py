"""Mixing of photos within a batch: whole ones, or a box of each. Arrays and tensors alike take what these give."""

from __future__ import annotations

import math
from typing import NamedTuple

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


class CutMix(NamedTuple):
    """What CutMix does to a batch: in the box every photo shows its partner.

    Attributes:
        partners: positions of the partners `int64 (batch,)`.
        box: top, bottom, left and right of the box, px, lower ends in and upper ends out.
        weight: share of each photo that is its own, 0 to 1, by area: exactly what the box leaves.
    """

    partners: NDArray[np.int64]
    box: tuple[int, int, int, int]
    weight: float


def cut_mix(batch: int, size: int, alpha: float, rng: Generator) -> CutMix:
    """Partners, box and weight for CutMix: `photos[:, :, top:bottom, left:right] = photos[partners, :, top:bottom, left:right]`.

    Source: Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", 2019 (arXiv 1905.04899). The box
    may reach beyond the photo and is clipped, as there.

    Args:
        batch: number of photos.
        size: side of a photo, px.
        alpha: the box's share is drawn from Beta(alpha, alpha) before it is clipped; 0 mixes nothing.
        rng: where the draws come from.
    """
    if alpha <= 0:
        return CutMix(np.arange(batch), (0, 0, 0, 0), 1.0)
    side = size * math.sqrt(1 - rng.beta(alpha, alpha))
    centre_y, centre_x = rng.uniform(0, size, 2)
    top, left = (max(0, round(centre - side / 2)) for centre in (centre_y, centre_x))
    bottom, right = (min(size, round(centre + side / 2)) for centre in (centre_y, centre_x))
    weight = 1 - (bottom - top) * (right - left) / size**2
    return CutMix(rng.permutation(batch), (top, bottom, left, right), weight)
