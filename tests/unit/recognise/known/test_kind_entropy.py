from __future__ import annotations

import math

import numpy as np
import pytest

from shibuya_optics.recognise.known.kind_entropy import kind_certainty, unanimity

KINDS = (0, 0, 1, 2)


def test_two_products_of_one_kind_may_share_a_photo_and_two_kinds_may_not() -> None:
    one_kind = np.array([[5, 5, -20, -20]], np.float32)
    two_kinds = np.array([[5, -20, 5, -20]], np.float32)
    assert kind_certainty(one_kind, KINDS)[0] == pytest.approx(0, abs=1e-6)
    assert kind_certainty(two_kinds, KINDS)[0] == pytest.approx(-math.log(2), abs=1e-6)


def test_certainty_is_the_sum_over_kinds_the_slow_way() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (20, 4)).astype(np.float32)
    for row, said in zip(logits, kind_certainty(logits, KINDS), strict=True):
        powers = [math.exp(logit) for logit in row]
        shares = [sum(p for p, kind in zip(powers, KINDS, strict=True) if kind == k) / sum(powers) for k in range(3)]
        assert said == pytest.approx(sum(share * math.log(share) for share in shares), abs=1e-5)


def test_where_there_is_one_kind_products_take_its_place() -> None:
    logits = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    np.testing.assert_array_equal(kind_certainty(logits, (4, 4, 4)), kind_certainty(logits, (0, 1, 2)))
    assert kind_certainty(logits[:, :1], (0,)).tolist() == [0] * 9
    assert kind_certainty(np.empty((2, 0), np.float32), ()).tolist() == [0, 0]


def test_unanimity_keeps_the_order_of_certainty_and_does_not_crowd_at_its_end() -> None:
    certain = np.array([-3, -0.3, -0.03, -0.003, 0], np.float32)
    steps = np.diff(unanimity(certain))
    assert (steps > 1).all()
    assert unanimity(certain)[-1] == pytest.approx(math.log(1000), abs=1e-4)
