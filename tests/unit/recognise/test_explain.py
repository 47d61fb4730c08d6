from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.recognise.explain import DECIDED, READ, SHORT_SIDE, drawn
from shibuya_optics.records import Answer, Box, Word

PHOTO = np.full((200, 300, 3), 255, np.uint8)


def answer(*words: Word) -> Answer:
    return Answer("Dairy/Butter/Lurpak", "product", 0.9, True, (), 0.1, ("look", "read"), words)


def word(text: str, says: float, top: float = 0.4) -> Word:
    place: Box = ((0.2, top), (0.6, top), (0.6, top + 0.2), (0.2, top + 0.2))
    return Word(text, 0.9, place, says)


def count(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_lines_that_speak_for_the_answer_are_green_and_the_others_grey() -> None:
    picture = drawn(PHOTO, answer(word("LURPAK", 0.4)))
    assert count(picture, DECIDED) > 1000
    assert count(picture, READ) < 100  # letters have soft edges
    picture = drawn(PHOTO, answer(word("15.90", 0.0)))
    assert count(picture, DECIDED) < 100
    assert count(picture, READ) > 1000


def test_a_small_photo_is_enlarged_and_the_answer_stands_below() -> None:
    picture = drawn(PHOTO, answer())
    assert picture.shape[1] == 300 * SHORT_SIDE // 200
    assert picture.shape[0] > SHORT_SIDE
    assert (picture[SHORT_SIDE:] < 100).any()
    assert (picture[:SHORT_SIDE] == 255).all()


def test_a_line_at_the_edge_and_a_very_long_one_stay_inside() -> None:
    edge: Box = ((0.9, 0.0), (1.0, 0.0), (1.0, 0.05), (0.9, 0.05))
    picture = drawn(PHOTO, answer(Word("<script>" + "x" * 180, 0.5, edge, 0.5), Word("牛乳 🥛", 0.5, edge)))
    assert picture.shape[1] == 1080


def test_a_line_speaks_from_a_twentieth_on() -> None:
    assert [word("A", says).speaks for says in (0.0, 0.04, 0.05, 1.0)] == [False, False, True, True]
