from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import COSTS, DECISION, by_look

from shibuya_optics.bundle import Costs
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.answer.deciding import MOST_CANDIDATES, decide
from shibuya_optics.recognise.softmax import confidences
from shibuya_optics.records import Answer

TREE = LabelTree(("Dairy/Butter/Lurpak", "Dairy/Butter/Kerrygold", "Dairy/Milk/Arla", "Salt"))
FAMILIAR = 5.0
"""So far above the midpoint that the trust is 1."""


def row(*cosines: float) -> NDArray[np.float32]:
    return np.array([cosines], np.float32)


def answer(cosines: NDArray[np.float32], familiarity: float = FAMILIAR, tree: LabelTree = TREE) -> Answer:
    return decide(*by_look(cosines, np.array([familiarity], np.float32)), COSTS, tree, seconds=0.25)[0]


def slow_confidence(cosines: list[float], familiarity: float, product: int) -> float:
    logits = [DECISION.scale * cosine / DECISION.temperature for cosine in cosines]
    share = math.exp(logits[product]) / sum(math.exp(logit) for logit in logits)
    return share / (1 + math.exp(-DECISION.known_slope * (familiarity - DECISION.known_midpoint)))


def test_confidence_is_what_the_slow_obvious_way_gives() -> None:
    cosines = [0.9, 0.85, 0.1, -0.4]
    given = confidences(*by_look(row(*cosines), np.array([0.83], np.float32)))
    expected = [slow_confidence(cosines, 0.83, product) for product in range(4)]
    np.testing.assert_allclose(given[0], expected, rtol=1e-5)


def test_temperature_softens() -> None:
    warm = replace(DECISION, temperature=2.0)
    sure, softer = (
        confidences(*by_look(row(0.9, 0.8, 0, 0), np.array([FAMILIAR], np.float32), decision))[0, 0]
        for decision in (DECISION, warm)
    )
    assert sure == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-4)
    assert softer == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-3)


def test_extreme_numbers_overflow_nothing() -> None:
    extreme = replace(DECISION, scale=1e6, known_slope=1e6)
    given = confidences(*by_look(row(1, -1, 0, 0), np.array([-1], np.float32), extreme))
    assert given.tolist() == [[0, 0, 0, 0]]
    given = confidences(*by_look(row(1, -1, 0, 0), np.array([1], np.float32), extreme))
    assert given.tolist() == [[1, 0, 0, 0]]


def test_a_clear_product_is_claimed() -> None:
    given = answer(row(0.3, 0.9, 0.1, 0.2))
    assert (given.label, given.level, given.known, given.seconds) == ("Dairy/Butter/Kerrygold", "product", True, 0.25)
    assert given.confidence == given.candidates[0].confidence > 0.99
    assert [candidate.label for candidate in given.candidates] == [
        "Dairy/Butter/Kerrygold",
        "Dairy/Butter/Lurpak",
        "Salt",
        "Dairy/Milk/Arla",
    ]


def test_two_butters_too_close_to_call_are_butter() -> None:
    given = answer(row(0.8, 0.8, 0.7, 0.3))
    assert (given.label, given.level, given.known) == ("Dairy/Butter", "kind", True)
    assert given.confidence == pytest.approx(sum(c.confidence for c in given.candidates[:2]))
    assert given.candidates[0].confidence < 0.5


def test_products_of_different_kinds_too_close_to_call_are_nothing() -> None:
    tree = LabelTree(("A/Butter/One", "A/Milk/Two", "Salt", "Pepper"))
    given = answer(row(0.8, 0.8, 0.8, 0.8), tree=tree)
    assert (given.label, given.level, given.confidence, given.known) == (None, "none", 0, True)
    assert given.candidates[0].confidence == pytest.approx(0.25)


def test_products_without_a_kind_are_no_kind_together() -> None:
    given = answer(row(0.8, 0.8, 0.8), tree=LabelTree(("Salt", "Pepper", "Sugar")))
    assert (given.label, given.level) == (None, "none")


def test_variants_too_close_to_call_are_their_product() -> None:
    tree = LabelTree(("A/Butter/Lurpak/Salted", "A/Butter/Lurpak/Unsalted", "A/Butter/Kerrygold", "Salt"))
    given = answer(row(0.8, 0.8, 0.5, 0.3), tree=tree)
    assert (given.label, given.level) == ("A/Butter/Lurpak", "product")
    assert answer(row(0.8, 0.5, 0.5, 0.3), tree=tree).label == "A/Butter/Lurpak/Salted"


def test_an_unfamiliar_photo_is_not_known_and_still_has_candidates() -> None:
    given = answer(row(0.9, 0.1, 0.1, 0.1), familiarity=0.79)
    assert (given.label, given.level, given.confidence, given.known) == (None, "none", 0, False)
    assert given.candidates[0].label == "Dairy/Butter/Lurpak"
    assert answer(row(0.9, 0.1, 0.1, 0.1), familiarity=0.81).known


def test_one_product_alone_is_as_sure_as_it_is_familiar() -> None:
    given = answer(row(0.2), familiarity=0.85, tree=LabelTree(("Salt",)))
    assert given.label == "Salt"
    assert given.confidence == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-4)


def test_no_products_give_no_candidates() -> None:
    given = decide(np.empty((2, 0), np.float32), np.array([-1, 1], np.float32), COSTS, LabelTree(()))
    assert [(a.label, a.known, a.candidates) for a in given] == [(None, False, ())] * 2


def test_no_photos_give_no_answers() -> None:
    assert decide(np.empty((0, 4), np.float32), np.empty(0, np.float32), COSTS, TREE) == []


def test_the_candidates_are_few() -> None:
    tree = LabelTree(tuple(f"P{i}" for i in range(9)))
    given = answer(np.linspace(0, 0.5, 9, dtype=np.float32)[None], tree=tree)
    assert [candidate.label for candidate in given.candidates] == ["P8", "P7", "P6", "P5", "P4"]
    assert len(given.candidates) == MOST_CANDIDATES


def test_the_answer_with_the_highest_expected_worth_is_given() -> None:
    tree = LabelTree(("A/Butter/One", "A/Butter/Two", "A/Milk/Three"))
    rng = np.random.default_rng(5)
    logits, known = rng.normal(0, 2, (200, 3)).astype(np.float32), rng.uniform(0, 4, 200).astype(np.float32)
    costs = Costs(right_kind=0.6, wrong_product=0.8, wrong_kind=1.2, kinship=0.4)
    levels = []
    for scored, given in zip(confidences(logits, known), decide(logits, known, costs, tree), strict=True):
        stranger = 1 - float(scored.sum())
        worths = {"none": 0.0, "product": 1.8 * float(scored.max()) - 0.8}
        shares = {"A/Butter": float(scored[:2].sum()), "A/Milk": float(scored[2])}
        kind = max(shares, key=lambda name: shares[name])
        sure = shares[kind] + 0.4 * stranger * shares[kind] / (1 - stranger)
        worths["kind"] = 1.8 * sure - 1.2
        assert given.level == max(worths, key=lambda level: worths[level])
        if given.level == "kind":
            assert given.label == kind
            assert given.confidence == pytest.approx(sure, abs=1e-6)
        levels.append(given.level)
    assert set(levels) == {"none", "product", "kind"}


def test_costs_move_the_answer_from_a_guess_to_the_kind_to_silence() -> None:
    logits, known = np.array([[1.0, 0.3, -9, -9]], np.float32), np.array([9.0], np.float32)
    bold, careful = Costs(right_kind=0.2, wrong_product=0.1), Costs(right_kind=0.7)
    silent = Costs(right_kind=0.0, wrong_product=9.0)
    assert [decide(logits, known, costs, TREE)[0].level for costs in (bold, careful, silent)] == [
        "product",
        "kind",
        "none",
    ]
