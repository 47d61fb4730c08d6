from __future__ import annotations

import math

import numpy as np
import pytest
from tiny_bundle import DECISION

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.known.log_odds import log_odds

KINDS = (0, 0, 1, 2)


def test_log_odds_have_to_be_passed() -> None:
    decision = Decision(20, 1, 0.8, 20, kinds_midpoint=-0.5, kinds_slope=4)
    sure, torn = [5.0, 5, -20, -20], [5.0, -20, 5, -20]
    logits = np.array([sure, sure, torn], np.float32)
    known = log_odds(logits, np.array([3, -1, 3], np.float32), KINDS, decision, np.zeros(3, np.float32))
    assert known.tolist() == pytest.approx([2, -5, 4 * (0.5 - math.log(2))], abs=1e-5)


def test_nearness_keeps_its_own_slope_where_the_best_candidate_was_taught() -> None:
    decision = Decision(20, 1, 0.8, 20, kinds_midpoint=-0.5, kinds_slope=40)
    logits = np.array([[5.0, -20, -20, -20], [-20, -20, -20, 5.0]], np.float32)
    taught = np.array([False, True])
    typical = np.zeros(2, np.float32)
    assert log_odds(logits, np.ones(2, np.float32), KINDS, decision, typical, taught).tolist() == pytest.approx([5, 1])


def test_where_the_best_was_learned_the_kind_and_being_typical_of_it_count_together() -> None:
    decision = Decision(
        20, 1, 0.8, 20, kinds_midpoint=-0.5, kinds_slope=4, typical_weight=0.01, learned_midpoint=1, learned_slope=2
    )
    torn = np.array([[5.0, -20, 5, -20]] * 2, np.float32)
    near, typical = np.full(2, 9, np.float32), np.array([-20, -200], np.float32)
    one = -math.log(math.log(2) + 1e-3)
    learned = log_odds(torn, near, KINDS, decision, typical)
    assert learned.tolist() == pytest.approx([2 * (one - 0.2 - 1), 2 * (one - 2 - 1)], abs=1e-5)
    taught = log_odds(torn, near, KINDS, decision, typical, np.ones(2, np.bool_))
    assert taught.tolist() == pytest.approx([4 * (0.5 - math.log(2))] * 2, abs=1e-5)


def test_without_a_slope_kinds_say_nothing() -> None:
    near = np.array([3, -1], np.float32)
    assert log_odds(np.zeros((2, 4), np.float32), near, KINDS, DECISION, near) is near
