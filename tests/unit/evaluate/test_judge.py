from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import COSTS, by_look

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.judge import BATCH, Judgement, judge, judge_unknown
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.labels import LabelTree, kind_of
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import Scores, confidences, decide

DECISION = Decision(scale=10, temperature=1, known_midpoint=0.5, known_slope=20)
TREE = LabelTree(("Dairy/Butter/Lurpak", "Dairy/Butter/Arla", "Dairy/Milk/Oatly", "Lemon"))


@dataclass
class FakeRecogniser:
    """Takes arrays (1, products + 1, 1): the cosines and, last, the familiarity, and answers as a recogniser would."""

    tree: LabelTree = TREE
    batches: list[int] = field(default_factory=list)

    def scores(self, photos: Iterable[PhotoSource]) -> Scores:
        rows = np.array([cast("NDArray[Any]", photo).ravel() for photo in photos], np.float32)
        self.batches.append(len(rows))
        scored = by_look(rows[:, :-1], rows[:, -1], DECISION)
        return Scores(*scored, confidences(*scored), tuple(decide(*scored, COSTS, self.tree)))


def seen(*cosines: float, familiarity: float = 0.9) -> PhotoSource:
    return cast("PhotoSource", np.array([*cosines, familiarity]))


SURE_LURPAK = seen(0.9, 0.1, 0.1, 0.1)
SOME_BUTTER = seen(0.9, 0.88, 0.1, 0.1)
SURE_MILK = seen(0.1, 0.1, 0.9, 0.1)
STRANGE_MILK = seen(0.1, 0.1, 0.9, 0.1, familiarity=-0.5)


def judged(photos: list[PhotoSource], labels: list[str]) -> Judgement:
    return judge(FakeRecogniser(), photos, labels)


def test_the_best_candidate_counts_whether_it_was_claimed_or_not() -> None:
    judgement = judged(
        [SURE_LURPAK, SOME_BUTTER, SURE_MILK, STRANGE_MILK],
        ["Dairy/Butter/Lurpak", "Dairy/Butter/Arla", "Dairy/Milk/Oatly", "Dairy/Milk/Oatly"],
    )
    assert judgement.photos == 4
    assert judgement.accuracy == 0.75
    assert judgement.interval95[0] < 0.75 < judgement.interval95[1]
    assert judgement.accuracy_kind == 1
    assert judgement.answered == 0.5
    assert judgement.answered_right == 1
    assert judgement.claimed_wrong == 0
    assert judgement.known_refused == 0.25


def test_a_wrong_claim_is_counted_at_either_level() -> None:
    judgement = judged([SURE_LURPAK, SOME_BUTTER], ["Dairy/Milk/Oatly", "Dairy/Milk/Oatly"])
    assert (judgement.claimed_wrong, judgement.answered_right) == (1, 0)
    assert judgement.accuracy_kind == 0


def test_where_nothing_is_claimed_there_is_no_precision() -> None:
    judgement = judged([STRANGE_MILK], ["Dairy/Milk/Oatly"])
    assert (judgement.answered, judgement.answered_right) == (0, None)


def test_a_label_that_the_bundle_does_not_know_is_wrong_and_reported() -> None:
    judgement = judged([SURE_LURPAK, SURE_LURPAK], ["Fruit/Kiwi/Zespri", "Dairy/Butter/Valio"])
    assert judgement.accuracy == 0
    assert judgement.accuracy_kind == 0.5
    assert judgement.labels_not_in_bundle == ("Dairy/Butter/Valio", "Fruit/Kiwi/Zespri")


def test_a_variant_counts_as_its_product_on_either_side() -> None:
    assert judged([SURE_LURPAK], ["Dairy/Butter/Lurpak/Salted"]).accuracy == 1
    variants = FakeRecogniser(LabelTree(("Dairy/Butter/Lurpak/Salted", "Dairy/Butter/Lurpak/Sweet")))
    judgement = judge(variants, [seen(0.9, 0.1)], ["Dairy/Butter/Lurpak"])
    assert (judgement.accuracy, judgement.labels_not_in_bundle, judgement.claimed_wrong) == (1, (), 0)
    assert judge(variants, [seen(0.9, 0.1)], ["Dairy/Butter/Lurpak/Sweet"]).accuracy == 0
    torn = judge(variants, [seen(0.9, 0.9)], ["Dairy/Butter/Lurpak/Sweet"])
    assert (torn.answered, torn.claimed_wrong) == (1, 0)


def test_a_product_without_a_kind_is_its_own_kind() -> None:
    assert judged([seen(0.1, 0.1, 0.1, 0.9)], ["Lemon"]).accuracy_kind == 1


def test_the_numbers_are_those_of_a_plain_count_over_many_batches() -> None:
    rng = np.random.default_rng(0)
    photos = [seen(*rng.random(4), familiarity=rng.random()) for _ in range(2 * BATCH + 5)]
    labels = [TREE.products[i] for i in rng.integers(0, 4, len(photos))]
    recogniser = FakeRecogniser()
    judgement = judge(recogniser, iter(photos), labels)
    assert recogniser.batches == [BATCH, BATCH, 5]
    answers = judgement.scores.answers
    right = [answer.candidates[0].label == label for answer, label in zip(answers, labels, strict=True)]
    claimed_wrong = [
        answer.label not in {None, label, kind_of(label)} for answer, label in zip(answers, labels, strict=True)
    ]
    assert judgement.accuracy == pytest.approx(sum(right) / len(right))
    assert judgement.claimed_wrong == pytest.approx(sum(claimed_wrong) / len(right))
    assert judgement.answered == pytest.approx(sum(answer.level == "product" for answer in answers) / len(right))


def test_strangers_are_told_by_familiarity_with_max_softmax_beside_it() -> None:
    recogniser = FakeRecogniser()
    known = judged([SURE_LURPAK, SURE_MILK, STRANGE_MILK], ["Lemon"] * 3).scores
    strangers = [seen(0.9, 0.1, 0.1, 0.1, familiarity=0.2), seen(0.3, 0.3, 0.3, 0.3, familiarity=0.6)]
    unknown = judge_unknown(recogniser, known, strangers)
    assert unknown.photos == 2
    assert unknown.auroc == auroc([0.9, 0.9, -0.5], [0.2, 0.6])
    assert unknown.fpr95 == fpr_at_tpr([0.9, 0.9, -0.5], [0.2, 0.6])
    assert unknown.refused == 0.5
    assert unknown.known_refused == pytest.approx(1 / 3)
    assert unknown.scores["known"] == {"auroc": unknown.auroc, "fpr95": unknown.fpr95}
    # To softmax, how strange a photo is does not matter: the first stranger looks as sure as the known ones.
    assert unknown.scores["max-softmax"]["auroc"] == pytest.approx(0.75)


def test_own_and_web_photos_are_reported_apart() -> None:
    photos, labels = [SURE_LURPAK, SURE_MILK, SURE_MILK], ["Dairy/Butter/Lurpak", "Dairy/Milk/Oatly", "Lemon"]
    judgement = judge(FakeRecogniser(), photos, labels, ["web", "own", "own"])
    assert {origin: (each.photos, each.accuracy) for origin, each in judgement.by_origin.items()} == {
        "own": (2, 0.5),
        "web": (1, 1.0),
    }
    assert judgement.as_json()["by_origin"]["web"] == judgement.by_origin["web"].as_json()
    public = judge(FakeRecogniser(), photos, labels, ["public:groceries"] * 3)
    assert "by_origin" not in public.as_json()
    assert "by_origin" not in judged(photos, labels).as_json()
    with pytest.raises(InputError, match="3 photos and 1 origins"):
        judge(FakeRecogniser(), photos, labels, ["own"])


def test_the_worst_confusions_are_kept_also_of_labels_that_are_not_known() -> None:
    judgement = judged([SURE_LURPAK, SURE_MILK, SURE_MILK], ["Dairy/Butter/Lurpak", "Fruit/Kiwi/Zespri", "Lemon"])
    assert [(each.truth, each.taken_for, each.photos) for each in judgement.confusions] == [
        ("Fruit/Kiwi/Zespri", "Dairy/Milk/Oatly", 1),
        ("Lemon", "Dairy/Milk/Oatly", 1),
    ]
    assert judgement.right.products.tolist() == [True, False, False]


def test_json_has_the_numbers_and_not_the_raw_scores() -> None:
    document = judged([SURE_LURPAK], ["Lemon"]).as_json()
    assert {"photos", "accuracy", "interval95", "accuracy_kind", "ece"} < set(document)
    assert not {"scores", "right", "confusions"} & set(document)


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(InputError, match="no photos to judge by"):
        judged([], [])
    with pytest.raises(InputError, match="1 photos and 2 labels"):
        judged([SURE_LURPAK], ["Lemon", "Lemon"])
    with pytest.raises(InputError, match="knows no products"):
        judge(FakeRecogniser(LabelTree(())), [SURE_LURPAK], ["Lemon"])
