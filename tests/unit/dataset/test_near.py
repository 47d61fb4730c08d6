from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.dataset import near
from shibuya_optics.dataset.near import SHIFT, THUMBNAIL, correlation, near_duplicates, thumbnail
from shibuya_optics.demo import pantry, render


def scene(product: int, seed: int) -> NDArray[np.uint8]:
    """A rendered photo of a product."""
    return render(pantry()[product], seed)


def shifted(picture: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    return np.roll(picture, (down, right), (0, 1))


def slow_correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """The obvious twin, for one pair."""
    side, best = THUMBNAIL - 2 * SHIFT, -1.0
    for middle, whole in ((first, second), (second, first)):
        core = middle[SHIFT:-SHIFT, SHIFT:-SHIFT].ravel().astype(float)
        for top in range(2 * SHIFT + 1):
            for left in range(2 * SHIFT + 1):
                window = whole[top : top + side, left : left + side].ravel().astype(float)
                best = max(best, float(np.corrcoef(core, window)[0, 1]))
    return best


def test_correlation_is_that_of_the_best_shift() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 3, THUMBNAIL, THUMBNAIL)).astype(np.uint8)
    slow = [slow_correlation(a, b) for a, b in zip(first, second, strict=True)]
    assert correlation(first, second).tolist() == pytest.approx(slow, abs=1e-5)


def test_a_moved_and_darkened_copy_fits_and_another_photo_does_not() -> None:
    one, other = thumbnail(scene(0, 1)), thumbnail(scene(0, 2))
    copy = (shifted(one, 2, -3) * 0.6).astype(np.uint8)
    assert float(correlation(one[None], copy[None])[0]) > 0.95
    assert float(correlation(one[None], other[None])[0]) < 0.8


def test_a_plain_thumbnail_fits_nothing() -> None:
    plain = np.full((1, THUMBNAIL, THUMBNAIL), 90, np.uint8)
    assert correlation(plain, plain).tolist() == [0.0]


def test_only_near_vectors_with_alike_thumbnails_are_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "_BLOCK_ROWS", 3)
    monkeypatch.setattr(near, "_BLOCK_PAIRS", 2)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(10, 8)).astype(np.float32)
    thumbnails = rng.integers(0, 256, (10, THUMBNAIL, THUMBNAIL)).astype(np.uint8)
    vectors[7], thumbnails[7] = vectors[2] + 0.01, shifted(thumbnails[2], 1, 1)
    vectors[9] = vectors[4]
    thumbnails[8] = thumbnails[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    slow = [
        (i, j)
        for i, j in combinations(range(10), 2)
        if 1 - vectors[i] @ vectors[j] <= 0.3 and slow_correlation(thumbnails[i], thumbnails[j]) >= 0.8
    ]
    assert slow == [(2, 7)]
    assert near_duplicates(vectors, thumbnails).tolist() == [[2, 7]]
