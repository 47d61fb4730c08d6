from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy.stats import norm
from sklearn.metrics import accuracy_score

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.accuracy import accuracy, likeliest_kinds, wilson_interval


def test_accuracy_is_what_scikit_learn_counts() -> None:
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    assert accuracy(truth, predicted) == pytest.approx(accuracy_score(truth, predicted))


@pytest.mark.parametrize(("truth", "predicted"), [([], []), ([1, 2], [1]), ([[1]], [[1]])])
def test_accuracy_refuses_what_does_not_pair_up(truth: ArrayLike, predicted: ArrayLike) -> None:
    with pytest.raises(InputError, match="one true and one predicted id a photo"):
        accuracy(truth, predicted)


@pytest.mark.parametrize(("right", "photos", "level"), [(0, 8, 0.95), (3, 8, 0.95), (8, 8, 0.95), (2109, 2485, 0.99)])
def test_both_ends_of_the_interval_solve_wilsons_equation(right: int, photos: int, level: float) -> None:
    # The ends are the shares s from which the seen share is just z standard errors of s away.
    z = norm.ppf((1 + level) / 2)
    for end in wilson_interval(right, photos, level):
        assert abs(right / photos - end) == pytest.approx(z * math.sqrt(end * (1 - end) / photos), abs=1e-9)


def test_the_interval_keeps_inside_0_and_1_and_narrows_with_photos() -> None:
    assert wilson_interval(0, 5)[0] == 0
    assert wilson_interval(5, 5)[1] == 1
    few, many = wilson_interval(8, 10), wilson_interval(800, 1000)
    assert few[1] - few[0] > 5 * (many[1] - many[0])


@pytest.mark.parametrize(
    ("right", "photos", "level"), [(1, 0, 0.95), (0, 0, 0.95), (3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)]
)
def test_the_interval_refuses_impossible_counts(right: int, photos: int, level: float) -> None:
    with pytest.raises(InputError, match="right of"):
        wilson_interval(right, photos, level)


def test_two_butters_outweigh_one_milk() -> None:
    confidences = np.array([[0.3, 0.3, 0.4], [0.1, 0.1, 0.8]])
    assert likeliest_kinds(confidences, (0, 0, 1)).tolist() == [0, 1]


def test_likeliest_kinds_adds_up_as_a_plain_loop_does() -> None:
    rng = np.random.default_rng(1)
    kind_ids = tuple(rng.permutation([0, 1, 1, 2, 2, 2, 3]).tolist())
    confidences = rng.dirichlet(np.ones(7), 50)
    slow = []
    for row in confidences:
        sums = [0.0] * 4
        for product, kind in enumerate(kind_ids):
            sums[kind] += row[product]
        slow.append(sums.index(max(sums)))
    assert likeliest_kinds(confidences, kind_ids).tolist() == slow
