from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.coverage import set_coverage
from shibuya_optics.evaluate.left_out import means
from shibuya_optics.evaluate.usefulness import usefulness
from shibuya_optics.recognise.answer.answer_sets import Calibration
from shibuya_optics.records import Answer, Candidate, Level

LURPAK, ARLA = "Dairy/Butter/Lurpak", "Dairy/Butter/Arla"


def said(label: str | None, level: Level, confidence: float = 0.95, best: str = LURPAK) -> Answer:
    return Answer(label, level, confidence, label is not None, (Candidate(best, confidence),), 0.0)


def test_names_and_kinds_are_counted() -> None:
    answers = [
        said(LURPAK, "product"),
        said(LURPAK, "product", 0.7),
        said("Dairy/Butter", "kind"),
        said("Dairy/Butter", "kind"),
        said(None, "none", 0.0),
    ]
    found = usefulness(answers, [LURPAK, ARLA, ARLA, None, LURPAK])
    assert (found.photos, found.wrong_names, found.useful) == (5, 0.2, 0.4)
    assert (found.always_wrong, found.always_useful) == (0.6, 0.4)
    assert (found.named, found.kinds) == (0.4, 0.4)
    assert found.sure == 0.6
    assert found.sure_right == pytest.approx(2 / 3)


def test_nothing_sure_has_no_share() -> None:
    assert usefulness([said(LURPAK, "product", 0.5)], [LURPAK]).sure_right is None
    with pytest.raises(InputError, match="1 answers and 2 labels"):
        usefulness([said(None, "none")], [None, None])


def test_coverage_is_counted_and_a_product_not_known_is_in_no_set() -> None:
    logits = np.log(np.array([[0.8, 0.15, 0.05]] * 4, np.float32))
    calibration = Calibration(np.full(20, 0.85, np.float32), np.zeros(20, np.int32))
    found = set_coverage(calibration, logits, np.array([0, 1, 2, -1]), 0.9)
    assert (found.coverage, found.size, found.needed) == (0.5, 2, 9)
    few = set_coverage(
        Calibration(np.zeros(18, np.float32), np.zeros(18, np.int32)), logits, np.zeros(4, np.int64), 0.95
    )
    assert (few.coverage, few.size, few.needed, few.calibration) == (None, None, 19, 18)


def test_means_are_of_every_number_and_leave_out_what_a_draw_lacks() -> None:
    draws = [
        {"a": 1.0, "deep": {"b": 2}, "sets": [{"c": 1.0}], "none": None, "names": ["x"]},
        {"a": 3.0, "deep": {"b": 4}, "sets": [{"c": 2.0}], "none": 5.0, "names": ["y"]},
    ]
    assert means(draws) == {"a": 2.0, "deep": {"b": 3}, "sets": [{"c": 1.5}], "none": 5.0}
