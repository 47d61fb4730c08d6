from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.errors import EmptyPhotoError, NotAPhotoError, TooManyPixelsError
from shibuya_optics.photo import read_photo

Pixels = NDArray[np.uint8]


def test_rgb_is_taken_as_it_is(photo: Pixels) -> None:
    assert read_photo(photo) is photo


def test_a_view_becomes_contiguous(photo: Pixels) -> None:
    read = read_photo(photo[::2, ::-1])
    assert read.flags.c_contiguous
    assert np.array_equal(read, photo[::2, ::-1])


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 1)])
def test_grey_fills_three_channels(shape: tuple[int, ...]) -> None:
    grey = np.arange(20, dtype=np.uint8).reshape(shape)
    read = read_photo(grey)
    assert read.shape == (5, 4, 3)
    assert all(np.array_equal(read[..., channel], grey.reshape(5, 4)) for channel in range(3))


def test_rgba_is_laid_on_white(photo: Pixels) -> None:
    alpha = np.random.default_rng(0).integers(0, 256, (*photo.shape[:2], 1), dtype=np.uint8)
    expected = photo * (alpha / 255) + 255 * (1 - alpha / 255)
    assert np.abs(read_photo(np.concatenate([photo, alpha], axis=2)) - expected).max() <= 1


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 3)), r"the array is float64 \(4, 4, 3\): give uint8 .*values of 0 to 1"),
        (np.zeros((4, 4, 3), np.uint16), r"is uint16 \(4, 4, 3\): .*\(array >> 8\)"),
        (np.zeros((4, 4, 3), bool), r"is bool"),
        (np.zeros((3, 5, 4), np.uint8)[..., :2], r"is uint8 \(3, 5, 2\): .*puts the channels last"),
        (np.zeros((2, 5, 4, 3), np.uint8), r"is uint8 \(2, 5, 4, 3\)"),
        (np.zeros(5, np.uint8), r"is uint8 \(5,\)"),
        (np.zeros((), np.uint8), r"is uint8 \(\)"),
        (np.array([[None]]), r"is object"),
    ],
)
def test_other_arrays_are_refused_with_advice(array: NDArray[Any], message: str) -> None:
    with pytest.raises(NotAPhotoError, match=message):
        read_photo(array)


def test_empty_and_large_arrays_are_refused() -> None:
    with pytest.raises(EmptyPhotoError, match="the array is empty: it is 4 x 0 pixels"):
        read_photo(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(TooManyPixelsError, match="upload 7 has 64,008,000 pixels"):
        read_photo(np.broadcast_to(np.uint8(0), (8000, 8001)), name="upload 7")
