"""Near-duplicates: photos of one scene at one moment. The embedding proposes pairs, their thumbnails decide.

An embedding alone cannot decide: photos of a pile of limes in two shops may be nearer to each other than a photo to its
own smaller copy. A thumbnail alone must not: two labels on white are alike in grey. docs/decisions/0004 has the
measurements that the two numbers below come from.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THUMBNAIL = 32
SHIFT = 4
RADIUS = 0.3
LEAST_CORRELATION = 0.8
_BLOCK_ROWS = 1024
_BLOCK_PAIRS = 512
_NEXT_TO_NOTHING = 1.0


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
    for pairs in near_pairs(vectors, radius):
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


def near_pairs(vectors: NDArray[np.float32], radius: float) -> Iterator[NDArray[np.intp]]:
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
    middle = middles[:, SHIFT:-SHIFT, SHIFT:-SHIFT].astype(np.float32)
    middle -= middle.mean(axis=(1, 2), keepdims=True)
    size = (THUMBNAIL, THUMBNAIL)
    spectrum = np.conj(np.fft.rfft2(middle, size)) * np.fft.rfft2(wholes.astype(np.float32), size)
    # The middle has a mean of zero, so that the mean of a window makes no difference to its product with it.
    products = np.fft.irfft2(spectrum, size)[:, : 2 * SHIFT + 1, : 2 * SHIFT + 1]
    whole = wholes.astype(np.int64)
    spread = _window_sums(whole**2, side) - _window_sums(whole, side) ** 2 / side**2
    lengths = np.linalg.norm(middle, axis=(1, 2))[:, None, None] * np.sqrt(np.maximum(spread, 0))
    # What is all of one grey fits nothing.
    fits = products / np.where(lengths > _NEXT_TO_NOTHING, lengths, np.inf)
    best: NDArray[np.float32] = fits.max(axis=(1, 2), initial=-1).astype(np.float32)
    return best


def _window_sums(images: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Sums over every window of `side` times `side`: `(images, windows down, windows across)`."""
    sums = np.pad(images.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    windows: NDArray[np.int64] = sums[:, side:, side:] - sums[:, :-side, side:] - sums[:, side:, :-side]
    windows += sums[:, :-side, :-side]
    return windows
