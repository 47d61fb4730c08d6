from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.risk import risk_coverage, surest

ANSWERS = st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40)


def test_a_curve_by_hand() -> None:
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert list(curve.coverage) == [0.25, 0.5, 0.75, 1]
    assert curve.risk == pytest.approx((0, 1 / 2, 1 / 3, 1 / 2))
    assert curve.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_without_ties_it_is_the_mean_risk_of_all_numbers_of_answers() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.permutation(200) / 200
    right = rng.random(200) < confidence
    in_order = right[np.argsort(-confidence)]
    slow = [1 - in_order[:answered].mean() for answered in range(1, 201)]
    curve = risk_coverage(confidence, right)
    assert curve.risk == pytest.approx(slow)
    assert curve.aurc == pytest.approx(np.mean(slow))


@given(answers=ANSWERS, seed=st.integers(0, 99))
def test_the_order_of_the_photos_does_not_matter(answers: list[tuple[float, bool]], seed: int) -> None:
    confidence, right = (np.array(each) for each in zip(*answers, strict=True))
    order = np.random.default_rng(seed).permutation(len(answers))
    curve, again = risk_coverage(confidence, right), risk_coverage(confidence[order], right[order])
    assert (curve.coverage, curve.risk) == (again.coverage, again.risk)
    assert curve.aurc == pytest.approx(again.aurc)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(1 - right.mean())


def test_the_surest_answers() -> None:
    sure = surest([0.95, 0.9, 0.89, 0.2], [True, False, True, True])
    assert (sure.share, sure.photos, sure.right, sure.accuracy) == (0.5, 2, 1, 0.5)
    assert surest([0.1], [True]).accuracy is None


@pytest.mark.parametrize(("confidence", "right"), [([], []), ([0.5], [True, False]), ([np.nan], [True])])
def test_what_is_no_confidence_is_refused(confidence: list[float], right: list[bool]) -> None:
    with pytest.raises(InputError, match="confidences of shape"):
        risk_coverage(confidence, right)
    with pytest.raises(InputError, match="confidences of shape"):
        surest(confidence, right)
