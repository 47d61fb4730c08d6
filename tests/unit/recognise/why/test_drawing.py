from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tiny_bundle import CONTRACT

from shibuya_optics.recognise.why.drawing import (
    DECIDED,
    GAP,
    LONG_SIDE,
    READ,
    SHORT_SIDE,
    THUMBNAIL,
    Thumbnail,
    _has,
    drawn,
    said_of,
)
from shibuya_optics.recognise.why.nearest_photos import Remembered
from shibuya_optics.recognise.why.reasons import NO_MAP, Reasons
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


def reasons(heat: NDArray[np.float32] | None) -> Reasons:
    nearest = tuple(Remembered("Dairy/Butter/Lurpak", number, 0.9 - number / 10) for number in (4, 1, 7))
    other = Remembered("Dairy/Butter/Kerrygold", 2, 0.31)
    return Reasons("Dairy/Butter/Lurpak", 0.66, heat, "" if heat is not None else NO_MAP, nearest, other, CONTRACT)


def test_the_heat_stands_beside_the_print_or_below_it_where_the_photo_is_wide() -> None:
    heat = np.ones((4, 4), np.float32)
    tall, wide = np.full((300, 200, 3), 255, np.uint8), PHOTO
    plain = drawn(tall, answer(word("LURPAK", 0.4)))
    picture = drawn(tall, answer(word("LURPAK", 0.4)), reasons(heat))
    assert picture.shape[1] == 2 * SHORT_SIDE + GAP
    assert count(picture[:, :SHORT_SIDE], DECIDED) == count(plain, DECIDED) > 1000
    assert count(picture[:, SHORT_SIDE:], DECIDED) == 0
    picture = drawn(wide, answer(), reasons(heat))
    assert picture.shape[1] == 1080
    assert picture.shape[0] > 2 * SHORT_SIDE


def test_the_reasons_are_told_in_lines() -> None:
    assert list(said_of(reasons(None))) == [
        "looks most like Dairy/Butter/Lurpak (0.66), nearest to its remembered photos 4 (0.50), 1 (0.80), 7 (0.20)",
        "the strongest other is Dairy/Butter/Kerrygold, nearest to its remembered photo 2 (0.31)",
        NO_MAP,
    ]
    assert list(said_of(reasons(np.ones((4, 4), np.float32))))[-1].startswith("yellow: what looks like Dairy/Butter")


def test_a_narrow_picture_breaks_its_lines_and_drops_what_does_not_fit() -> None:
    narrow = np.full((2000, 300, 3), 255, np.uint8)
    alike = [Thumbnail(np.zeros((50, 80, 3), np.uint8), f"row {row}") for row in range(9)]
    bare, full = drawn(narrow, answer(), reasons(None)), drawn(narrow, answer(), reasons(None), alike)
    assert bare.shape[0] > LONG_SIDE
    assert max(bare.shape) < LONG_SIDE + 1000
    assert full.shape[1] == bare.shape[1]
    assert full.shape[0] > bare.shape[0] + THUMBNAIL
    assert (full[bare.shape[0] :] == 0).all(axis=2).sum() > 50 * 80  # one of the nine


def test_a_photo_that_is_but_a_line_is_drawn() -> None:
    heat = np.ones((4, 4), np.float32)
    for height, width in ((1, 9000), (9000, 1), (2, 5000), (1, 1)):
        photo = np.full((height, width, 3), 255, np.uint8)
        assert min(drawn(photo, answer(word("LURPAK", 0.4)), reasons(heat)).shape[:2]) > 0


def test_a_letter_that_the_font_lacks_loses_its_accent() -> None:
    assert np.array_equal(drawn(PHOTO, answer(word("LÅTT", 0))), drawn(PHOTO, answer(word("LATT", 0)))) != _has("Å")
    assert drawn(PHOTO, answer(word("牛乳", 0))).shape[1] == 1080
