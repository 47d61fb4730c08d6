from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pooling_network import pooling_embedder
from tiny_bundle import COLOURS, CONTRACT, plain_photo, tiny_bundle

from shibuya_optics import Recogniser
from shibuya_optics.bundle import Bundle
from shibuya_optics.recognise.why.reasons import NO_LOOK, NO_MAP, NOTHING_KNOWN
from shibuya_optics.senses import Look


def pooling_bundle() -> Bundle:
    """The tiny bundle, with a network that has a feature map."""
    embedder, tiny = pooling_embedder(), tiny_bundle()
    vectors = Look(embedder, CONTRACT).vectors([plain_photo(COLOURS[label]) for label in tiny.tree.products])
    exemplars = np.repeat(vectors, 2, axis=0).astype(np.float16)
    return replace(tiny, embedder=embedder, prototypes=vectors, exemplars=exemplars)


def test_the_heat_is_of_the_first_candidate_and_lies_where_its_colour_is() -> None:
    photo = plain_photo((128, 128, 128), side=32)
    photo[:8, :8] = COLOURS["Blue"]
    recogniser = Recogniser(pooling_bundle())
    answer = recogniser.identify(photo)
    why = recogniser.explain(photo, answer)
    assert why.label == answer.candidates[0].label == "Blue"
    assert why.heat is not None
    assert why.heat.argmax() == 0
    assert why.without_heat == ""


def test_the_cosine_and_the_remembered_are_those_of_the_photo() -> None:
    recogniser = Recogniser(pooling_bundle())
    photo = plain_photo(COLOURS["Dairy/Butter/Red"])
    why = recogniser.explain(photo, recogniser.identify(photo))
    assert why.cosine == pytest.approx(1, abs=1e-5)
    assert [one.number for one in why.nearest] == [1, 2]
    assert why.other is not None
    assert why.other.label == "Dairy/Butter/Crimson"
    document = json.loads(json.dumps(why.as_json(), allow_nan=False))
    assert document["explained"] == "Dairy/Butter/Red"
    assert [one["label"] for one in document["nearest"]] == ["Dairy/Butter/Red"] * 2 + ["Dairy/Butter/Crimson"]
    assert len(document["heat"]) == 4


def test_a_photo_that_is_not_known_is_explained_by_the_best_guess() -> None:
    recogniser = Recogniser(pooling_bundle())
    photo = plain_photo((250, 250, 10))
    answer = recogniser.identify(photo)
    assert not answer.known
    assert recogniser.explain(photo, answer).label == answer.candidates[0].label


def test_why_there_is_no_heat_is_told() -> None:
    photo = plain_photo(COLOURS["Blue"])
    recogniser = Recogniser(tiny_bundle())
    why = recogniser.explain(photo, recogniser.identify(photo))
    assert (why.heat, why.without_heat) == (None, NO_MAP)
    assert why.nearest[0].label == "Blue"
    empty = Recogniser(tiny_bundle(()))
    why = empty.explain(photo, empty.identify(photo))
    assert (why.label, why.heat, why.without_heat, why.nearest) == (None, None, NOTHING_KNOWN, ())
    empty.teach("Salt", words=["fine salt"])
    why = empty.explain(photo, empty.identify(photo))
    assert (why.label, why.heat, why.without_heat, why.nearest, why.other) == ("Salt", None, NO_LOOK, (), None)
