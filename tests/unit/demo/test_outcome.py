from __future__ import annotations

import json

import numpy as np
import pytest

from shibuya_optics.demo.outcome import Outcome, ProductOutcome, Seconds, Shot, Verdict, verdict
from shibuya_optics.records import Answer, Level

TRUTH = "Dairy/Butter/Norrsken"


def answer(label: str | None, level: Level) -> Answer:
    return Answer(label, level, 0.8 if label else 0.0, label is not None, (), 0.01)


@pytest.mark.parametrize(
    ("said", "level", "taught", "expected"),
    [
        (TRUTH, "product", True, "right"),
        ("Dairy/Butter/Other", "product", True, "wrong"),
        ("Dairy/Butter", "kind", True, "kind"),
        ("Dairy/Milk", "kind", True, "wrong"),
        (None, "none", True, "unknown"),
        ("Dairy/Butter/Other", "product", False, "wrong"),
        ("Dairy/Butter", "kind", False, "kind"),
        ("Dairy/Milk", "kind", False, "wrong"),
        (None, "none", False, "unknown"),
    ],
)
def test_an_answer_is_judged(said: str | None, level: Level, taught: bool, expected: Verdict) -> None:
    assert verdict(TRUTH, answer(said, level), taught=taught) == expected


def shot(given: Verdict) -> Shot:
    return Shot(TRUTH, np.zeros((4, 4, 3), np.uint8), answer(None, "none"), given)


def test_the_numbers_are_counted_from_the_shots() -> None:
    photo = np.zeros((4, 4, 3), np.uint8)
    outcome = Outcome(
        seed=3,
        products=(
            ProductOutcome("A/B/C", (photo,) * 4, (shot("right"), shot("right"), shot("wrong"))),
            ProductOutcome("A/B/D", (photo,) * 4, (shot("kind"), shot("unknown"), shot("right"))),
        ),
        strangers=(shot("unknown"), shot("unknown"), shot("wrong"), shot("kind")),
        seconds=Seconds(render=2.0, teach=0.5, identify=1.0),
    )
    document = json.loads(json.dumps(outcome.as_json()))
    assert document == {
        "seed": 3,
        "taught": 8,
        "photos": 6,
        "right": 3,
        "kind": 1,
        "wrong": 1,
        "unknown": 1,
        "products": [
            {"label": "A/B/C", "right": 2, "kind": 0, "wrong": 1, "unknown": 0},
            {"label": "A/B/D", "right": 1, "kind": 1, "wrong": 0, "unknown": 1},
        ],
        "strangers": {"photos": 4, "refused": 2, "named": 1, "kind": 1},
        "seconds": {"render": 2.0, "teach": 0.5, "identify": 1.0, "total": 3.5},
    }
