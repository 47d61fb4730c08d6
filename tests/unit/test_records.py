from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from shibuya_optics.errors import LibraryError
from shibuya_optics.records import SPLITS, Answer, Barcode, Candidate, Photo, Word

ANSWER = Answer(
    label="Dairy/Butter/Lurpak",
    level="product",
    confidence=0.9,
    known=True,
    candidates=(Candidate("Dairy/Butter/Lurpak", 0.9), Candidate("Dairy/Butter/Kerrygold", 0.05)),
    seconds=0.03,
)
PHOTO = Photo(
    sha256="ab" * 32,
    label="Dairy/Butter/Lurpak",
    origin="own",
    width=4000,
    height=3000,
    collected_at="2025-01-02T03:04:05+00:00",
    group="kitchen",
    split="test",
)


def test_an_answer_as_json() -> None:
    assert json.loads(json.dumps(ANSWER.as_json())) == {
        "label": "Dairy/Butter/Lurpak",
        "level": "product",
        "confidence": 0.9,
        "known": True,
        "candidates": [
            {"label": "Dairy/Butter/Lurpak", "confidence": 0.9},
            {"label": "Dairy/Butter/Kerrygold", "confidence": 0.05},
        ],
        "seconds": 0.03,
        "senses": ["look"],
        "words": [],
        "barcodes": [],
        "answer_set": [],
    }


def test_words_and_barcodes_are_told_in_json() -> None:
    box = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.25), (0.0, 0.25))
    told = replace(
        ANSWER,
        senses=("look", "read", "scan"),
        words=(Word("LURPAK", 0.75, box, 0.5),),
        barcodes=(Barcode("5740900836006", "EAN-13", "05740900836006", box),),
    )
    document = json.loads(json.dumps(told.as_json()))
    corners = [[0, 0], [0.5, 0], [0.5, 0.25], [0, 0.25]]
    assert document["words"] == [{"text": "LURPAK", "confidence": 0.75, "box": corners, "says": 0.5}]
    assert document["barcodes"] == [
        {"text": "5740900836006", "format": "EAN-13", "gtin": "05740900836006", "box": corners}
    ]


def test_an_answer_that_claims_nothing_says_so_in_json() -> None:
    silent = Answer(label=None, level="none", confidence=0.0, known=False, candidates=(), seconds=0.01)
    assert silent.as_json()["label"] is None
    assert silent.as_json()["candidates"] == ()


def test_a_photo_survives_json() -> None:
    assert Photo.from_json(json.loads(json.dumps(PHOTO.as_json()))) == PHOTO


def test_what_is_not_known_is_left_out_of_a_manifest_line() -> None:
    line = PHOTO.as_json()
    assert set(line) == {"sha256", "label", "origin", "width", "height", "collected_at", "group", "split"}
    assert "licence" in {field.name for field in fields(Photo)}


def test_fields_of_a_newer_version_are_left_aside() -> None:
    assert Photo.from_json({**PHOTO.as_json(), "mood": "sunny"}) == PHOTO


@pytest.mark.parametrize("field", ["sha256", "label", "origin", "width", "height", "collected_at"])
def test_a_line_without_a_field_that_every_photo_has_is_refused(field: str) -> None:
    line = PHOTO.as_json()
    del line[field]
    with pytest.raises(LibraryError, match=f"a manifest line lacks a field .*'{field}'"):
        Photo.from_json(line)


def test_records_cannot_be_changed() -> None:
    for record, field in ((ANSWER, "label"), (ANSWER.candidates[0], "confidence"), (PHOTO, "split")):
        with pytest.raises(FrozenInstanceError):
            setattr(record, field, None)


def test_the_splits() -> None:
    assert SPLITS == ("train", "validation", "test")
