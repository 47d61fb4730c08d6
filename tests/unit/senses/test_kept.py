from __future__ import annotations

import json
import math
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from shibuya_optics.contract import Pixels
from shibuya_optics.errors import InputError
from shibuya_optics.records import Word
from shibuya_optics.senses import KeptRead, Read

BOX = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.4), (0.1, 0.4))
WORDS = (Word("LÄTT", 0.75, BOX), Word("250 g", 0.5, BOX))
PHOTO, OTHER = np.zeros((60, 80, 3), np.uint8), np.ones((60, 80, 3), np.uint8)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Pixels]:
    photos: list[Pixels] = []

    def words(self: Read, photo: Pixels, *, until: float = math.inf) -> tuple[Word, ...]:
        photos.append(photo)
        return WORDS if photo is PHOTO else ()

    monkeypatch.setattr(Read, "words", words)
    return photos


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.jsonl"


def test_a_photo_is_read_once_and_kept_for_the_next_process(path: Path, asked: list[Pixels]) -> None:
    for _ in range(2):
        reader = KeptRead(path)
        assert reader.words(PHOTO) == reader.words(PHOTO.copy()) == WORDS
        assert reader.words(OTHER) == ()
    assert len(asked) == 2
    assert len(path.read_text("utf-8").splitlines()) == 3


def test_the_same_bytes_in_another_shape_are_another_photo(path: Path, asked: list[Pixels]) -> None:
    reader = KeptRead(path)
    reader.words(PHOTO)
    reader.words(PHOTO.reshape(80, 60, 3))
    assert len(asked) == 2


def test_what_was_read_in_a_hurry_is_not_kept(path: Path, asked: list[Pixels]) -> None:
    reader = KeptRead(path)
    reader.words(PHOTO, until=perf_counter() + 10)
    reader.words(PHOTO)
    reader.words(PHOTO, until=perf_counter() + 10)
    assert len(asked) == 2


def test_a_line_that_was_broken_off_is_read_again(path: Path, asked: list[Pixels]) -> None:
    KeptRead(path).words(OTHER)
    KeptRead(path).words(PHOTO)
    path.write_bytes(path.read_bytes()[:-30])
    again = KeptRead(path)
    assert again.words(PHOTO) == WORDS
    assert again.words(OTHER) == ()
    assert len(asked) == 3
    assert [len(json.loads(line)) for line in path.read_text("utf-8").splitlines()] == [2, 2, 2]


@pytest.mark.parametrize(
    "first", ['{"reader": "rapidocr 1.0", "detection_pixels": 5}', "words", "[]", '{"sha256": "a"}']
)
def test_readings_of_another_reader_are_refused(path: Path, first: str) -> None:
    path.write_text(first + "\n", "utf-8")
    with pytest.raises(InputError, match="name a new file"):
        KeptRead(path)


def test_a_file_that_is_no_text_is_refused(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InputError, match="no text: name a new file"):
        KeptRead(path)


def test_a_damaged_line_is_told(path: Path, asked: list[Pixels]) -> None:
    KeptRead(path).words(PHOTO)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], '{"sha256": "a"}', lines[1]]) + "\n", "utf-8")
    with pytest.raises(InputError, match="no readings in line 2"):
        KeptRead(path)
