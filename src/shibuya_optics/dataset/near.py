"""Near-duplicates: photos of one scene at one moment. The embedding proposes pairs, their thumbnails decide.

An embedding alone cannot decide: photos of a pile of limes in two shops may be nearer to each other than a photo to its
own smaller copy. A thumbnail alone must not: two labels on white are alike in grey. docs/decisions/0004 has the
measurements that the two numbers below come from.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

THUMBNAIL = 32
SHIFT = 4
RADIUS = 0.3
LEAST_CORRELATION = 0.8
_BLOCK_ROWS = 1024
_BLOCK_PAIRS = 512


def thumbnail(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A photo `(height, width, 3)` in grey, squeezed to `uint8 (32, 32)`."""
    grey = Image.fromarray(photo).convert("L").resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(grey)


def near_duplicates(
    vectors: NDArray[np.float32],
    thumbnails: NDArray[np.uint8],
    *,
    radius: float = RADIUS,
    least_correlation: float = LEAST_CORRELATION,
) -> NDArray[np.intp]:
    """The pairs of near-duplicates.

    Args:
        vectors: unit rows `(photos, d)`.
        thumbnails: `(photos, 32, 32)`, of the same photos.
        radius: pairs with a cosine distance (0 to 2) above it are not looked at.
        least_correlation: of the thumbnails, as `correlation` gives it, from which on a pair counts.

    Returns:
        Positions `(pairs, 2)`, the lower first, in ascending order. Memory grows with their number and not with the
        square of the photos.
    """
    found = [np.empty((0, 2), np.intp)]
    for pairs in _near_pairs(vectors, radius):
        alike = correlation(thumbnails[pairs[:, 0]], thumbnails[pairs[:, 1]]) >= least_correlation
        found.append(pairs[alike])
    return np.concatenate(found)


def correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How well thumbnails fit when shifted by up to an eighth of their side: `(pairs,)`, -1 to 1.

    Of two `(pairs, 32, 32)`, it is the highest Pearson correlation of the middle of one with an equally large window of
    the other, and the other way round.
    """
    one_way, other_way = _best_fit(first, second), _best_fit(second, first)
    return np.maximum(one_way, other_way)


def _near_pairs(vectors: NDArray[np.float32], radius: float) -> Iterator[NDArray[np.intp]]:
    """Pairs within the radius, some hundred at a time."""
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS]
        for other in range(start, len(vectors), _BLOCK_ROWS):
            near = 1 - block @ vectors[other : other + _BLOCK_ROWS].T <= radius
            if other == start:
                near = np.triu(near, 1)
            pairs = np.argwhere(near) + np.array([start, other])
            for at in range(0, len(pairs), _BLOCK_PAIRS):
                yield pairs[at : at + _BLOCK_PAIRS]


def _best_fit(middles: NDArray[np.uint8], wholes: NDArray[np.uint8]) -> NDArray[np.float32]:
    side = THUMBNAIL - 2 * SHIFT
    middle = middles[:, SHIFT:-SHIFT, SHIFT:-SHIFT].reshape(len(middles), 1, side * side)
    windows = sliding_window_view(wholes, (side, side), (1, 2)).reshape(len(wholes), -1, side * side)
    fits = _standardised(windows) @ _standardised(middle).swapaxes(1, 2)
    best: NDArray[np.float32] = fits.max(axis=(1, 2), initial=-1)
    return best


def _standardised(flat: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Less their mean, and of length 1; what is all of one grey becomes zeros, and fits nothing."""
    rest = flat - flat.mean(axis=-1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(rest, axis=-1, keepdims=True)
    standard: NDArray[np.float32] = rest / np.where(length > 0, length, 1)
    return standard
