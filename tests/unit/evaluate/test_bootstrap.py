from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.accuracy import wilson_interval
from shibuya_optics.evaluate.bootstrap import bootstrap_interval


def slow_interval(right: NDArray[np.bool_], groups: list[str], resamples: int) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    names = sorted(set(groups))
    each = np.array(groups)
    means = []
    for _ in range(resamples):
        drawn = [right[each == names[i]] for i in rng.integers(len(names), size=len(names))]
        means.append(np.concatenate(drawn).mean())
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def test_groups_are_drawn_whole() -> None:
    rng = np.random.default_rng(0)
    groups = [f"shoot {i // 5}" for i in range(100)]
    right = np.repeat(rng.random(20) < 0.7, 5) & (rng.random(100) < 0.9)
    interval = bootstrap_interval(right, groups)
    assert interval == pytest.approx(slow_interval(right, groups, 4_000), abs=0.015)
    alone = bootstrap_interval(right)
    assert alone[1] - alone[0] < interval[1] - interval[0]


def test_photos_without_a_group_stand_alone_and_the_seed_repeats() -> None:
    right = np.arange(60) % 3 > 0
    assert bootstrap_interval(right, [None] * 60) == bootstrap_interval(right)
    assert bootstrap_interval(right, seed=3) == bootstrap_interval(right, seed=3)


@pytest.mark.parametrize("right", [True, False])
def test_photos_that_are_all_alike_do_not_claim_certainty(right: bool) -> None:
    groups = ["a", "a", "b", "b", "c", "c"]
    assert bootstrap_interval([right] * 6, groups) == wilson_interval(3 if right else 0, 3)


@pytest.mark.parametrize(
    ("right", "groups", "resamples"), [([], None, 10), ([True], ["a", "b"], 10), ([True], None, 0)]
)
def test_what_is_no_set_of_answers_is_refused(right: list[bool], groups: list[str] | None, resamples: int) -> None:
    with pytest.raises(InputError, match="give one answer and one group a photo"):
        bootstrap_interval(right, groups, resamples=resamples)
