"""Reading real packs, with the bundle that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shibuya_optics import Effort, Recogniser
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.labels import PACKAGES, is_below
from shibuya_optics.recognise.answer.fusing import doubtful
from shibuya_optics.recognise.known.trust_in_taught import Trust

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.open()


def labels_of(file: PantryFile) -> list[str]:
    return [file.tree.products[product] for product in file.labels]


def test_words_with_their_accents_are_read_on_real_packs(recogniser: Recogniser, grocery_store: PantryFile) -> None:
    labels = labels_of(grocery_store)
    rows = [row for row in grocery_store.rows("train") if labels[row].endswith("/Bravo-Apple-Juice")][:5]
    read = [{word.text for word in recogniser.words(grocery_store.jpeg(row))} for row in rows]
    assert sum("ÄPPLE" in texts for texts in read) >= 3
    assert sum("BRAVO" in texts for texts in read) >= 3


def test_what_looking_doubts_reading_settles(recogniser: Recogniser, grocery_store: PantryFile) -> None:
    labels = labels_of(grocery_store)
    rows = [int(row) for row in grocery_store.rows("test") if is_below(labels[row], PACKAGES)]
    seen = recogniser.scores([grocery_store.jpeg(row) for row in rows], Effort(("look",)))
    bundle = recogniser.bundle
    legible = np.array([label in bundle.printed for label in bundle.tree.products])
    everything = np.ones(len(legible), np.bool_)
    nothing_taught = Trust(~everything, near=1.0)
    doubts = np.flatnonzero(
        doubtful((seen.logits, seen.known), seen.known, everything, legible, bundle.fusion, nothing_taught)
    )
    assert 30 < len(doubts) < 120
    doubts = doubts[::2]
    answers = recogniser.scores([grocery_store.jpeg(rows[i]) for i in doubts]).answers
    assert all("read" in answer.senses for answer in answers)
    truth = [labels[rows[i]] for i in doubts]
    looked = np.mean([seen.answers[i].candidates[0].label == true for i, true in zip(doubts, truth, strict=True)])
    read = np.mean([answer.candidates[0].label == true for answer, true in zip(answers, truth, strict=True)])
    assert read > looked + 0.05
    named = [answer for answer, true in zip(answers, truth, strict=True) if answer.label == true and answer.words]
    assert np.mean([answer.words[0].says > 0.05 for answer in named]) > 0.7


def test_the_names_of_the_packs_alone_tell_many_apart(recogniser: Recogniser, grocery_store: PantryFile) -> None:
    labels = labels_of(grocery_store)
    products = sorted({label for label in labels if is_below(label, PACKAGES)})
    told = Recogniser.open(empty=True)
    for label in products:
        told.teach(label, words=[label.rpartition("/")[2].replace("-", " ")])
    rows = [int(row) for row in grocery_store.rows("validation") if is_below(labels[row], PACKAGES)][::3]
    answers = told.scores([grocery_store.jpeg(row) for row in rows], Effort(("look", "read"))).answers
    right = np.mean([a.candidates[0].label == labels[row] for a, row in zip(answers, rows, strict=True)])
    assert right > 5 / len(products)


def test_photos_of_other_things_are_read_without_harm(recogniser: Recogniser, shared: Path) -> None:
    photos = sorted((shared / "data" / "not-pantry").glob("*.*"))[:12]
    answers = recogniser.identify_many(photos, Effort(("look", "read", "scan")))
    assert all(answer.senses == ("look", "read", "scan") for answer in answers)
    assert np.mean([answer.known for answer in answers]) < 0.2
