"""Where the network looked: how much each part of a photo adds to its likeness to a product.

Class activation mapping, after Zhou, Khosla, Lapedriza, Oliva, Torralba, "Learning Deep Features for Discriminative
Localization", 2016 (arXiv 1512.04150), for a score that is a cosine in place of a product with a classifier's row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.senses import Features

Heat = NDArray[np.float32]
Doubles = NDArray[np.float64]


def heat(features: Features, prototype: NDArray[np.float32]) -> Heat:
    """How much the cosine to a prototype loses without each cell of the feature map: float32 `(rows, columns)`, 0 or above.

    With cells `F[k]` and their mean `m`, embedding `e(m) = m / |m| - centre`, and the score `s(m) = e(m) . q / |e(m)|` for
    the unit vector `q`, a cell's heat is

        s(m) - s(m - F[k] / cells)

    where that is above 0. For small cells it is `F[k] . ds/dm / cells`, and `ds/dm = (I - u u') / |m| . (q - s e / |e|) / |e|`
    with `u = m / |m|`: the map of Zhou et al., with the gradient of both changes of length. But this gradient fades as the photo
    nears the prototype, and is 0 for the photo that a product was taught from; the difference itself does not fade. As the length
    of `m` does not matter, cells that are all alike have no heat.

    Args:
        features: of one photo.
        prototype: unit row `(d,)`.
    """
    cells = features.cells.astype(np.float64)
    mean, embedding = cells.mean(axis=(1, 2)), features.embedding.astype(np.float64)
    centre = _units(mean) - embedding
    without = mean[:, None, None] - cells / cells[0].size
    lost = prototype @ _units(embedding) - np.tensordot(
        prototype, _units(_units(without) - centre[:, None, None]), axes=1
    )
    above: Heat = np.maximum(lost, 0).astype(np.float32)
    return above


def _units(vectors: Doubles) -> Doubles:
    """Vectors `(d, ...)` at length 1; one of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=0)
    units: Doubles = vectors / np.where(lengths > 0, lengths, 1)
    return units
