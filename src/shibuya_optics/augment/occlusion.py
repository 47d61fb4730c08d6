"""What stands in the way: a rectangle that hides a part of the view."""

from __future__ import annotations

import math

from numpy.random import Generator

from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.contract import Pixels


def hide(view: Pixels, options: ViewOptions, rng: Generator) -> None:
    """Hide a rectangle of a view `uint8 (height, width, 3)` behind grey, in place, as a hand or a shelf edge would.

    Source: Zhong et al., "Random Erasing Data Augmentation", 2017 (arXiv 1708.04896).
    """
    if not options.erase or rng.random() >= options.erase:
        return
    height, width = view.shape[:2]
    area, ratio = rng.uniform(*options.erase_area) * height * width, math.exp(rng.uniform(-0.7, 0.7))
    high = max(1, min(height, round(math.sqrt(area * ratio))))
    wide = max(1, min(width, round(math.sqrt(area / ratio))))
    top, left = rng.integers(0, height - high + 1), rng.integers(0, width - wide + 1)
    view[top : top + high, left : left + wide] = rng.integers(64, 192)
