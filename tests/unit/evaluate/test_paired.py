from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.paired import compare, mcnemar_p


def slow_resamples(
    right_a: NDArray[np.bool_], right_b: NDArray[np.bool_], groups: list[str], resamples: int
) -> NDArray[np.float64]:
    """Differences over resamples: draw groups one by one, put their photos together, judge A and B on them."""
    rng = np.random.default_rng(1)
    names = sorted(set(groups))
    members = {name: [i for i, group in enumerate(groups) if group == name] for name in names}
    differences = []
    for _ in range(resamples):
        photos = [i for name in rng.choice(names, len(names)) for i in members[name]]
        differences.append(right_a[photos].mean() - right_b[photos].mean())
    return np.array(differences)


def test_the_interval_is_that_of_plain_resampling() -> None:
    rng = np.random.default_rng(0)
    right_b = rng.random(120) < 0.6
    right_a = np.where(rng.random(120) < 0.7, right_b, rng.random(120) < 0.75)
    groups = [f"shoot {i}" for i in rng.integers(0, 40, 120)]
    found = compare(right_a, right_b, groups)
    drawn = slow_resamples(right_a, right_b, groups, 4_000)
    assert found.difference == pytest.approx(right_a.mean() - right_b.mean())
    assert found.interval95 == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=0.012)
    assert found.probability_better == pytest.approx((drawn > 0).mean() + (drawn == 0).mean() / 2, abs=0.02)
    assert (found.photos, found.groups) == (120, len(set(groups)))


def test_few_photos_are_drawn_as_often_as_they_should() -> None:
    """All 4 ** 4 resamples of four photos, written out."""
    right_a, right_b = np.array([1, 1, 0, 1]), np.array([0, 1, 1, 0])
    each = [(right_a - right_b)[list(photos)].mean() for photos in itertools.product(range(4), repeat=4)]
    better = sum(1.0 if mean > 0 else 0.5 if mean == 0 else 0.0 for mean in each) / len(each)
    assert compare(right_a, right_b, resamples=200_000).probability_better == pytest.approx(better, abs=0.005)


def test_photos_of_one_shoot_count_as_one() -> None:
    right_a, right_b = np.repeat([True, False, True, True], 25), np.repeat([False, True, False, False], 25)
    shoots = [f"shoot {i // 25}" for i in range(100)]
    alone, grouped = compare(right_a, right_b), compare(right_a, right_b, shoots)
    assert (alone.groups, grouped.groups) == (100, 4)
    assert alone.difference == grouped.difference == 0.5
    assert alone.interval95[0] > 0.3
    assert grouped.interval95[0] < 0
    assert alone.probability_better > grouped.probability_better


def test_a_photo_in_no_group_counts_for_itself() -> None:
    right_a, right_b = np.array([1, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 0, 1, 1])
    assert compare(right_a, right_b, [None] * 6) == compare(right_a, right_b)
    assert compare(right_a, right_b, ["a", "a", None, None, "b", None]).groups == 5


def test_the_order_of_the_photos_and_the_two_names_change_nothing() -> None:
    rng = np.random.default_rng(3)
    right_a, right_b = rng.random(60) < 0.8, rng.random(60) < 0.6
    order = rng.permutation(60)
    found, turned = compare(right_a, right_b), compare(right_b, right_a)
    assert compare(right_a[order], right_b[order]) == found
    assert turned.difference == -found.difference
    assert turned.probability_better == pytest.approx(1 - found.probability_better, abs=0.01)
    assert (turned.only_a, turned.only_b, turned.mcnemar_p) == (found.only_b, found.only_a, found.mcnemar_p)


def test_equals_are_equal() -> None:
    right = np.array([True, False, True])
    found = compare(right, right)
    assert (found.difference, found.interval95, found.probability_better, found.mcnemar_p) == (0, (0, 0), 0.5, 1)


def test_the_same_seed_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(5)
    right_a, right_b = rng.random(50) < 0.7, rng.random(50) < 0.6
    assert compare(right_a, right_b, seed=7) == compare(right_a, right_b, seed=7)
    assert compare(right_a, right_b, seed=7) != compare(right_a, right_b, seed=8)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (3, 3), (10, 2), (0, 12), (400, 300)])
def test_mcnemar_is_the_sum_of_what_is_no_likelier(only_a: int, only_b: int) -> None:
    tossed = only_a + only_b
    log_chances = [
        math.lgamma(tossed + 1) - math.lgamma(i + 1) - math.lgamma(tossed - i + 1) for i in range(tossed + 1)
    ]
    chances = np.exp(np.array(log_chances) - tossed * math.log(2))
    as_uneven = chances[chances <= chances[only_a] * (1 + 1e-9)].sum()
    assert mcnemar_p(only_a, only_b) == pytest.approx(as_uneven)


def test_mcnemar_counts_photos_that_just_one_has_right() -> None:
    found = compare([1, 1, 1, 0, 1, 0], [0, 0, 1, 1, 1, 0])
    assert (found.only_a, found.only_b, found.mcnemar_p) == (2, 1, 1.0)
    assert json.loads(json.dumps(found.as_json()))["interval95"] == list(found.interval95)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="same photos"):
        compare([], [])
    with pytest.raises(InputError, match="same photos"):
        compare([1, 0], [1])
    with pytest.raises(InputError, match="3 groups"):
        compare([1, 0], [1, 1], ["a", "b", "c"])
    with pytest.raises(InputError, match="0 resamples"):
        compare([1], [1], resamples=0)
    with pytest.raises(InputError, match="0 or more"):
        mcnemar_p(-1, 2)
