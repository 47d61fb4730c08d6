"""Where the network looked: how much each part of a photo adds to its likeness to a product.

Class activation mapping, after Zhou, Khosla, Lapedriza, Oliva, Torralba, "Learning Deep Features for Discriminative
Localization", 2016 (arXiv 1512.04150), for a score that is a cosine in place of a product with a classifier's row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.senses import Features

Heat = NDArray[np.float32]


def heat(features: Features, prototype: NDArray[np.float32]) -> Heat:
    """How much of the cosine to a prototype each cell of the feature map brings: float32 `(rows, columns)`, 0 or above.

    With cells `F[k]`, `m = sum(F) / cells`, `u = m / |m|`, embedding `e = u - centre`, and the score
    `s = e . q / |e|` for the unit vector `q`, the gradient with respect to the mean is

        ds/dm = (I - u u') / |m| . (q - s e / |e|) / |e|

    and a cell's part is `F[k] . ds/dm / cells`: to first order, what the score would lose without that cell. As the length of
    `m` does not matter to the score, the parts add up to 0: those above are what speaks for the product more than the
    photo does on the whole. Those below are cut to 0.

    Args:
        features: of one photo.
        prototype: unit row `(d,)`.
    """
    cells = features.cells.astype(np.float64)
    mean, embedding = cells.mean(axis=(1, 2)), features.embedding.astype(np.float64)
    length, size = float(np.linalg.norm(mean)), float(np.linalg.norm(embedding))
    if not length or not size:
        return np.zeros(cells.shape[1:], np.float32)
    unit, direction = mean / length, embedding / size
    by_embedding = (prototype - (direction @ prototype) * direction) / size
    by_mean = (by_embedding - (unit @ by_embedding) * unit) / length
    parts = np.tensordot(by_mean, cells, axes=1) / cells[0].size
    above: Heat = np.maximum(parts, 0).astype(np.float32)
    return above
