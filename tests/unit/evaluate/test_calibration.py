from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.calibration import expected_calibration_error, fit_temperature


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


def test_the_temperature_is_the_one_a_minimiser_finds() -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(size=(500, 6)) * 8
    truth = np.array([rng.choice(6, p=np.exp(row)) for row in log_softmax(logits / 3, axis=1)])

    def loss(temperature: float) -> float:
        return -float(log_softmax(logits / temperature, axis=1)[np.arange(500), truth].mean())

    best = minimize_scalar(loss, bounds=(0.05, 50), method="bounded", options={"xatol": 1e-8}).x
    assert fit_temperature(logits, truth) == pytest.approx(best, rel=1e-5)
    assert fit_temperature(logits, truth) == pytest.approx(3, rel=0.2)


def test_photos_that_are_all_right_by_far_ask_for_the_coldest_temperature() -> None:
    assert fit_temperature(np.eye(3), np.arange(3)) < 0.002


@pytest.mark.parametrize(
    ("logits", "truth"), [(np.zeros((0, 3)), []), (np.zeros((2, 3)), [0]), (np.zeros((1, 3)), [3])]
)
def test_fit_temperature_refuses_what_does_not_fit(logits: NDArray[np.float64], truth: list[int]) -> None:
    with pytest.raises(InputError, match="truth"):
        fit_temperature(logits, truth)
