from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.confusion import Confusion, confusion_matrix, worst_confusions

LABELS = ["Dairy/Milk/Arla", "Dairy/Milk/Oatly", "Dairy/Milk/Oatly/Barista", "Lemon"]


def test_the_counts_are_those_of_a_plain_count() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 7, 500), rng.integers(0, 7, 500)
    matrix = confusion_matrix(truth, said, 7)
    for true in range(7):
        for taken in range(7):
            pairs = zip(truth.tolist(), said.tolist(), strict=True)
            assert matrix[true, taken] == sum(pair == (true, taken) for pair in pairs)


def test_folds_are_pooled_by_adding() -> None:
    first, second = confusion_matrix([0, 1], [1, 1], 3), confusion_matrix([0, 2], [1, 0], 3)
    assert np.array_equal(first + second, confusion_matrix([0, 1, 0, 2], [1, 1, 1, 0], 3))


def test_the_worst_come_first_with_their_share() -> None:
    truth = [0, 0, 0, 0, 1, 1, 3]
    said = [1, 1, 0, 3, 0, 1, 0]
    assert worst_confusions(confusion_matrix(truth, said, 4), LABELS, 3) == [
        Confusion("Dairy/Milk/Arla", "Dairy/Milk/Oatly", 2, 0.5),
        Confusion("Lemon", "Dairy/Milk/Arla", 1, 1.0),
        Confusion("Dairy/Milk/Oatly", "Dairy/Milk/Arla", 1, 0.5),
    ]


def test_a_product_taken_for_its_variant_is_none() -> None:
    matrix = confusion_matrix([1, 1, 2], [2, 2, 1], 4)
    assert worst_confusions(matrix, LABELS, 9) == [
        Confusion("Dairy/Milk/Oatly/Barista", "Dairy/Milk/Oatly", 1, 1.0),
    ]


@pytest.mark.parametrize(("truth", "said"), [([0, 1], [0]), ([0], [2]), ([-1], [0]), ([[0]], [[0]])])
def test_ids_that_fit_nothing_are_refused(truth: list[int], said: list[int]) -> None:
    with pytest.raises(InputError, match="for 2 products"):
        confusion_matrix(truth, said, 2)
