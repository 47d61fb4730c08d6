from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import DECISION, by_look

from shibuya_optics.bundle import Fusion
from shibuya_optics.recognise.answer.fusing import SETTLED, doubtful, fused, look_alone, settled
from shibuya_optics.recognise.catalogue.lexicon import Evidence
from shibuya_optics.recognise.known.trust_in_taught import Trust
from shibuya_optics.recognise.softmax import confidences

FUSION = Fusion(reading=4.0, most=2.0, known_look=0.5, known_reading=3.0, known_match=0.25, sure=0.9)
ALL = np.ones(3, np.bool_)
LEARNED = Trust(~ALL, near=0.5, reading=6.0, match=0.1)
TAUGHT = Trust(ALL, near=0.5, reading=6.0, match=0.1)


def rows(*values: list[float]) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def evidence(match: list[float], amount: float, legible: bool = True) -> Evidence:
    return Evidence(rows(match), np.array([amount], np.float32), np.full(len(match), legible))


def look(*cosines: float, familiarity: float = 0.85) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return by_look(rows(list(cosines)), np.array([familiarity], np.float32))


def test_looking_is_scaled_cosine_and_distance_from_the_midpoint() -> None:
    logits, known = look(0.9, 0.5, -0.2)
    np.testing.assert_allclose(logits[0], [18, 10, -4], rtol=1e-6)
    assert known[0] == pytest.approx(DECISION.known_slope * (0.85 - DECISION.known_midpoint), rel=1e-4)


def test_a_product_without_a_look_has_the_mean_probability_of_the_others() -> None:
    looks = np.array([True, False, True])
    logits, _ = look_alone(rows([0.5, 0.0, 0.2]), np.zeros(1, np.float32), looks, DECISION)
    assert math.exp(logits[0, 1]) == pytest.approx((math.exp(logits[0, 0]) + math.exp(logits[0, 2])) / 2, rel=1e-4)


def test_where_no_product_has_a_look_looking_tells_none_apart() -> None:
    logits, _ = look_alone(rows([0.0, 0.0, 0.0]), np.zeros(1, np.float32), ~ALL, DECISION)
    assert len(set(logits[0].tolist())) == 1


def test_no_words_no_vote() -> None:
    seen = look(0.9, 0.5, 0.1)
    logits, known = fused(seen, evidence([0.0, 0.0, 0.0], 0.0), ALL, FUSION, LEARNED)
    np.testing.assert_array_equal(logits, seen[0])
    np.testing.assert_array_equal(known, seen[1])


def test_the_more_was_read_the_more_it_counts_up_to_a_bound() -> None:
    seen = look(0.52, 0.5, 0.1)
    gains = [
        float(fused(seen, evidence([0, 0.6, 0], amount), ALL, FUSION, LEARNED)[0][0, 1] - seen[0][0, 1])
        for amount in (0.5, 2, 20)
    ]
    assert gains == pytest.approx([4 * 0.5 * 0.6, 4 * 2 * 0.6, 4 * 2 * 0.6], rel=1e-5)


def test_a_brand_that_was_read_turns_a_close_look() -> None:
    logits, _ = fused(look(0.52, 0.5, 0.1), evidence([0.1, 0.7, 0.0], 10), ALL, FUSION, LEARNED)
    assert confidences(logits, np.full(1, np.inf, np.float32))[0].argmax() == 1


def test_a_good_match_makes_it_known_and_a_poor_one_unknown() -> None:
    seen = look(0.9, 0.5, 0.1, familiarity=0.8)
    good, none, poor = (
        fused(seen, evidence([match, 0, 0], 10), ALL, FUSION, LEARNED)[1][0] for match in (0.6, 0.25, 0.0)
    )
    assert poor < none < good
    assert none == pytest.approx(seen[1][0] / 2, abs=1e-5)


def test_of_a_taught_product_both_senses_are_added_in_full_by_the_pantrys_own_numbers() -> None:
    seen = look(0.9, 0.5, 0.1, familiarity=0.85)
    for match in (0.6, 0.1, 0.0):
        said = fused(seen, evidence([match, 0, 0], 10), ALL, FUSION, TAUGHT)[1][0]
        assert said == pytest.approx(TAUGHT.of_taught(seen[1])[0] + 6 * 2 * (match - 0.1), abs=1e-4)
    unread = fused(seen, evidence([0.0, 0, 0], 0), ALL, FUSION, TAUGHT)
    np.testing.assert_array_equal(unread[1], TAUGHT.by_nearness(*seen))


def test_the_best_candidate_after_reading_says_whose_numbers_count() -> None:
    seen = look(0.52, 0.5, 0.1)
    second = Trust(np.array([False, True, False]), near=0.5, reading=6.0, match=0.1)
    said = fused(seen, evidence([0.1, 0.7, 0.0], 10), ALL, FUSION, second)[1][0]
    assert said == pytest.approx(TAUGHT.of_taught(seen[1])[0] + 6 * 2 * (0.7 - 0.1), abs=1e-4)


def test_where_only_the_name_of_a_product_is_known_a_poor_match_says_nothing() -> None:
    seen = look(0.9, 0.5, 0.1)
    assert fused(seen, evidence([0.0, 0, 0], 10, legible=False), ALL, FUSION, LEARNED)[1][0] == pytest.approx(
        seen[1][0]
    )
    assert fused(seen, evidence([0.9, 0, 0], 10, legible=False), ALL, FUSION, LEARNED)[1][0] > seen[1][0]


def test_an_unfamiliar_look_says_nothing_of_a_product_that_nobody_has_seen() -> None:
    looks = np.array([True, False, True])
    seen = look_alone(rows([0.1, 0.0, 0.0]), np.full(1, -1, np.float32), looks, DECISION)
    assert fused(seen, evidence([0.0, 0.9, 0.0], 10), looks, FUSION, LEARNED)[1][0] > 0
    assert fused(seen, evidence([0.9, 0.0, 0.0], 10), looks, FUSION, LEARNED)[1][0] < 0
    assert fused(seen, evidence([0.0, 0.0, 0.0], 0), looks, FUSION, LEARNED)[1][0] < 0


def test_a_barcode_settles_the_product_at_any_look() -> None:
    scored = look(0.99, -0.9, 0.1, familiarity=-1)
    settled(scored, 0, [1])
    shares = confidences(*scored)[0]
    assert shares.argmax() == 1
    assert shares[1] == pytest.approx(1 / (1 + math.exp(-SETTLED)) ** 2, abs=1e-4)
    assert scored[1][0] == SETTLED


def test_two_barcodes_leave_the_choice_to_the_other_senses() -> None:
    scored = look(0.99, 0.3, 0.2, familiarity=-1)
    settled(scored, 0, [1, 2])
    shares = confidences(*scored)[0]
    assert shares[1] / shares[2] == pytest.approx(math.exp(20 * 0.1), rel=1e-3)
    assert shares[1] + shares[2] > 0.99


def test_a_barcode_takes_nothing_from_what_is_surer_already() -> None:
    scored = look(0.99, -0.9, -0.9)
    before = scored[0].copy()
    settled(scored, 0, [0])
    np.testing.assert_array_equal(scored[0], before)


def test_a_barcode_of_the_only_product_is_that_product() -> None:
    scored = look(0.1, familiarity=-1)
    settled(scored, 0, [0])
    assert confidences(*scored)[0, 0] > 0.99


def in_doubt(
    *cosines: float, familiarity: float = 0.85, legible: tuple[bool, ...] = (True,) * 3, trust: Trust = LEARNED
) -> bool:
    seen = look(*cosines, familiarity=familiarity)
    (answer,) = doubtful(seen, seen[1], ALL, np.array(legible), FUSION, trust)
    return bool(answer)


def test_two_that_look_alike_are_a_doubt_and_one_that_stands_out_is_none() -> None:
    assert in_doubt(0.8, 0.8, 0.1, familiarity=2)
    assert not in_doubt(0.9, 0.3, 0.1, familiarity=2)


def test_where_no_print_is_known_of_what_is_in_question_reading_helps_not() -> None:
    assert not in_doubt(0.8, 0.8, 0.1, legible=(False, False, True))
    assert in_doubt(0.8, 0.8, 0.1, legible=(False, True, False))
    assert not in_doubt(0.8, 0.8, 0.1, legible=(False, False, False))


def test_what_no_match_could_make_known_is_not_read() -> None:
    # A full match adds 3 * 2 * 0.75 = 4.5 to half of what looking says.
    midpoint, slope = DECISION.known_midpoint, DECISION.known_slope
    assert in_doubt(0.8, 0.3, 0.1, familiarity=midpoint - 8.5 / slope)
    assert not in_doubt(0.8, 0.3, 0.1, familiarity=midpoint - 9.5 / slope)


def test_a_taught_product_is_read_up_to_a_surer_look() -> None:
    # About 0.92 sure, by the look and by nearness alike.
    familiarity = DECISION.known_midpoint + 2.6 / DECISION.known_slope
    assert not in_doubt(0.9, 0.3, 0.1, familiarity=familiarity)
    assert in_doubt(0.9, 0.3, 0.1, familiarity=familiarity, trust=TAUGHT)


def test_what_no_match_could_make_known_by_the_pantrys_numbers_is_not_read() -> None:
    # A full match adds 6 * 2 * 0.9 = 10.8 to half of what looking says, and log 1.5 for what is expected of strangers.
    midpoint, slope = DECISION.known_midpoint, DECISION.known_slope
    assert in_doubt(0.8, 0.3, 0.1, familiarity=midpoint - 21 / slope, trust=TAUGHT)
    assert not in_doubt(0.8, 0.3, 0.1, familiarity=midpoint - 23.5 / slope, trust=TAUGHT)


def test_a_product_that_nobody_has_seen_may_always_be_meant() -> None:
    looks = np.array([True, True, False])
    seen = look_alone(rows([0.9, 0.1, 0.0]), np.full(1, -1, np.float32), looks, DECISION)
    assert doubtful(seen, seen[1], looks, np.array([False, False, True]), FUSION, LEARNED).tolist() == [True]
