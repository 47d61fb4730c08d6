from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.calibration import Bin, expected_calibration_error, reliability


def slow_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int) -> float:
    order = np.argsort(confidence)
    starts = [-(-i * len(order) // bins) for i in range(bins + 1)]
    error = 0.0
    for start, end in pairwise(starts):
        members = order[start:end]
        if len(members):
            error += len(members) / len(order) * abs(confidence[members].mean() - right[members].mean())
    return error


@pytest.mark.parametrize("photos", [7, 15, 200])
def test_without_ties_the_bins_are_cut_from_the_sorted_photos(photos: int) -> None:
    rng = np.random.default_rng(photos)
    confidence = rng.random(photos)
    right = rng.random(photos) < confidence**2
    assert expected_calibration_error(confidence, right) == pytest.approx(slow_calibration_error(confidence, right, 15))


def test_confidence_that_comes_true_has_a_small_error_and_boasting_a_large_one() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.random(20_000)
    right = rng.random(20_000) < confidence
    assert expected_calibration_error(confidence, right) < 0.02
    assert expected_calibration_error(np.full(100, 0.9), np.arange(100) < 50) == pytest.approx(0.4)


def test_the_order_of_equally_sure_photos_does_not_matter() -> None:
    confidence = np.repeat([0.5, 0.8], 50)
    right = np.arange(100) % 50 < 25
    assert expected_calibration_error(confidence, right) == pytest.approx(0.15)
    assert expected_calibration_error(confidence[::-1], right[::-1]) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("confidence", "right"), [([], []), ([0.5], [True, False]), ([1.5], [True]), ([np.nan], [True])]
)
def test_calibration_error_refuses_what_is_no_confidence(confidence: list[float], right: list[bool]) -> None:
    with pytest.raises(InputError, match="confidences"):
        expected_calibration_error(confidence, right)


def test_the_bins_of_a_reliability_plot_hold_all_photos() -> None:
    bins = reliability([0.2, 0.2, 0.8, 1.0], [False, True, True, True], bins=2)
    assert bins == (Bin(2, 0.2, 0.5), Bin(2, 0.9, 1.0))
    assert [part.photos for part in reliability([0.5] * 7, [True] * 7)] == [7]
    rng = np.random.default_rng(0)
    assert sum(part.photos for part in reliability(rng.random(100), rng.random(100) < 0.5)) == 100
