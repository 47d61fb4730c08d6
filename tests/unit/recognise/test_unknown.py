from __future__ import annotations

import math

import numpy as np
import pytest
from tiny_bundle import DECISION, tiny_bundle, vector_of

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.recognise.catalogue import Catalogue, teach
from shibuya_optics.recognise.typical import differences
from shibuya_optics.recognise.unknown import (
    CHOSEN,
    SCORES,
    Impression,
    kind_certainty,
    known_score,
    log_odds,
    unanimity,
)

KINDS = (0, 0, 1, 2)
RED, YELLOW = vector_of((240, 20, 15)), vector_of((250, 250, 10))
DIFFERENCES = differences(Catalogue.of(tiny_bundle()).shelf[0], Catalogue.of(tiny_bundle()).shelf[1])


def impression(decision: Decision = DECISION) -> Impression:
    return Impression(Catalogue.of(tiny_bundle()), decision, np.stack([RED, YELLOW]), DIFFERENCES)


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


def test_unanimity_keeps_the_order_of_certainty_and_does_not_crowd_at_its_end() -> None:
    certain = np.array([-3, -0.3, -0.03, -0.003, 0], np.float32)
    steps = np.diff(unanimity(certain))
    assert (steps > 1).all()
    assert unanimity(certain)[-1] == pytest.approx(math.log(1000), abs=1e-4)


def test_without_a_slope_kinds_say_nothing() -> None:
    near = np.array([3, -1], np.float32)
    assert log_odds(np.zeros((2, 4), np.float32), near, KINDS, DECISION, near) is near


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_score_is_higher_for_what_is_known(name: str) -> None:
    known, stranger = known_score(name, impression())
    assert np.isfinite([known, stranger]).all()
    if name not in {
        "kind-entropy.v1",
        "relative-mahalanobis.v1",
    }:  # both crowd at one end where colours are so far apart
        assert known > stranger


def test_names_carry_a_version_and_a_miss_lists_what_exists() -> None:
    assert all(name.rpartition(".v")[2].isdecimal() for name in SCORES)
    with pytest.raises(InputError, match=r"no score 'energy': did you mean 'energy.v1'.*typical-kind.v1"):
        known_score("energy", impression())
    empty = Impression(Catalogue.of(tiny_bundle()).emptied(), DECISION, RED[None], DIFFERENCES)
    with pytest.raises(InputError, match="no product is known by its look"):
        known_score(CHOSEN, empty)


def test_mahalanobis_is_that_of_the_textbook() -> None:
    seen = impression()
    rows, products, _ = seen.catalogue.shelf
    means = np.stack([rows[products == p].mean(axis=0) for p in range(4)]).astype(np.float64)
    spread = np.zeros((48, 48))
    for row, product in zip(rows, products, strict=True):
        spread += np.outer(row - means[product], row - means[product]) / len(rows)
    spread = 0.9 * spread + 0.1 * max(np.trace(spread) / 48, 1e-9) * np.eye(48)
    inverse = np.linalg.inv(spread)
    slowly = [min((v - m) @ inverse @ (v - m) for m in means) for v in seen.vectors.astype(np.float64)]
    np.testing.assert_allclose(-known_score("mahalanobis.v1", seen), slowly, rtol=1e-3)


def test_the_chosen_score_tightens_for_taught_products() -> None:
    photos = np.stack([vector_of((250, 250, blue)) for blue in (5, 10, 15, 20)])
    taught = Impression(teach(Catalogue.of(tiny_bundle()), "Sun", photos), DECISION, np.stack([YELLOW]), DIFFERENCES)
    plain = Impression(Catalogue.of(tiny_bundle()), DECISION, np.stack([YELLOW]), DIFFERENCES)
    assert known_score(CHOSEN, taught)[0] > 0 > known_score(CHOSEN, plain)[0]
