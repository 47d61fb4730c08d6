"""A recogniser that looks, reads and scans: which sense is asked when, and what comes of it."""

from __future__ import annotations

import math
from dataclasses import replace
from time import perf_counter, sleep

import numpy as np
import pytest
from barcodes import with_code
from numpy.typing import NDArray
from tiny_bundle import COLOURS, PRODUCTS, noisy_photo, plain_photo, tiny_bundle

from shibuya_optics.bundle import Fusion, Printed
from shibuya_optics.contract import Pixels
from shibuya_optics.errors import InputError
from shibuya_optics.recognise import AUTOMATIC, LOOK_ALONE, Effort, Recogniser
from shibuya_optics.records import Word
from shibuya_optics.senses import Read

RED, CRIMSON, GREEN, BLUE = PRODUCTS
BETWEEN = (250, 10, 35)
"""As near to the one butter as to the other."""
ALL = Effort(("look", "read", "scan"))
CODE, OTHER_CODE = "5740900836006", "4006381333931"
MIDDLE = ((0.3, 0.4), (0.7, 0.4), (0.7, 0.6), (0.3, 0.6))


class Reader(Read):
    """Reads what the test says, and counts how often it was asked."""

    def __init__(self, *texts: str, seconds: float = 0) -> None:
        super().__init__()
        self.texts, self.seconds, self.asked, self.warm = texts, seconds, 0, False

    def in_time(self, until: float) -> bool:
        return perf_counter() < until

    def warm_up(self) -> None:
        self.warm = True

    def words(self, photo: Pixels, *, until: float = math.inf) -> tuple[Word, ...]:
        self.asked += 1
        sleep(self.seconds)
        return tuple(Word(text, 0.9, MIDDLE) for text in self.texts)


def recogniser(reader: Reader, **printed: str) -> Recogniser:
    told = {RED: "ruby churn", CRIMSON: "golden cow"}
    bundle = replace(
        tiny_bundle(), printed={label: Printed(told=(text,)) for label, text in told.items()}, fusion=Fusion(sure=0.9)
    )
    return Recogniser(bundle, reader=reader)


def butter() -> NDArray[np.uint8]:
    return plain_photo(BETWEEN)


def test_where_looking_is_sure_nothing_is_read() -> None:
    reader = Reader("ruby churn")
    answer = recogniser(reader).identify(plain_photo(COLOURS[GREEN]))
    assert (answer.label, answer.senses, reader.asked) == (GREEN, ("look",), 0)


@pytest.mark.parametrize(("text", "label"), [("ruby churn", RED), ("GOLDEN COW", CRIMSON), ("g0lden c0w", CRIMSON)])
def test_where_two_butters_look_alike_the_words_decide(text: str, label: str) -> None:
    answer = recogniser(Reader(text)).identify(butter())
    assert (answer.label, answer.level, answer.known) == (label, "product", True)
    assert answer.senses == ("look", "read", "scan")
    assert answer.words[0].text == text
    assert answer.words[0].says > 0.1


def test_where_nothing_is_read_the_look_stands() -> None:
    answer = recogniser(Reader()).identify(butter())
    alone = recogniser(Reader()).identify(butter(), LOOK_ALONE)
    assert (answer.label, answer.confidence) == (alone.label, alone.confidence) == ("Dairy/Butter", alone.confidence)


def test_where_no_print_is_known_of_the_products_in_question_nothing_is_read() -> None:
    reader = Reader("ruby churn")
    plain = Recogniser(tiny_bundle(), reader=reader)
    assert plain.identify(butter()).senses == ("look",)
    assert reader.asked == 0


@pytest.mark.parametrize(
    ("effort", "asked", "used"),
    [
        (LOOK_ALONE, 0, ("look",)),
        (Effort(("look", "read")), 1, ("look", "read")),
        (Effort(("look", "scan")), 0, ("look", "scan")),
        (ALL, 1, ("look", "read", "scan")),
    ],
)
def test_senses_that_are_asked_for_are_used_and_no_others(effort: Effort, asked: int, used: tuple[str, ...]) -> None:
    reader = Reader("ruby churn")
    for photo in (butter(), plain_photo(COLOURS[GREEN])):
        reader.asked = 0
        answer = recogniser(reader).identify(photo, effort)
        assert (answer.senses, reader.asked) == (used, asked)


def test_a_product_that_nobody_has_seen_is_named_by_its_words() -> None:
    reads = recogniser(Reader("herbal mountain tea"))
    reads.teach("Drinks/Tea/Mountain", words=["herbal mountain tea"])
    answer = reads.identify(noisy_photo((120, 200, 120), 1))
    assert (answer.label, answer.known) == ("Drinks/Tea/Mountain", True)
    assert reads.identify(plain_photo(COLOURS[BLUE]), LOOK_ALONE).label == BLUE


def test_a_taught_barcode_settles_the_product_at_any_look() -> None:
    reader = Reader("golden cow")
    scans = recogniser(reader)
    scans.teach(BLUE, barcodes=[CODE])
    answer = scans.identify(with_code(plain_photo(COLOURS[GREEN], 400), CODE))
    assert (answer.label, answer.level, answer.known, reader.asked) == (BLUE, "product", True, 0)
    assert answer.confidence > 0.99
    assert answer.senses == ("look", "scan")
    assert [code.gtin for code in answer.barcodes] == ["0" + CODE]


def test_a_barcode_settles_what_does_not_look_typical_of_its_product() -> None:
    bundle = tiny_bundle()
    doubting = replace(bundle.decision, kinds_midpoint=-1.0, kinds_slope=1.0, learned_midpoint=99.0, learned_slope=1.0)
    scans = Recogniser(replace(bundle, decision=doubting), reader=Reader())
    scans.teach(BLUE, barcodes=[CODE])
    photo = with_code(plain_photo(COLOURS[BLUE], 400), CODE)
    assert not scans.identify(photo, LOOK_ALONE).known
    answer = scans.identify(photo)
    assert (answer.label, answer.level, answer.known) == (BLUE, "product", True)
    assert answer.confidence > 0.99


def test_an_unknown_barcode_is_told_and_decides_nothing() -> None:
    scans = recogniser(Reader())
    scans.teach(BLUE, barcodes=[CODE])
    photo = with_code(plain_photo(COLOURS[GREEN], 400), OTHER_CODE)
    answer, alone = scans.identify(photo), scans.identify(photo, LOOK_ALONE)
    assert [code.text for code in answer.barcodes] == [OTHER_CODE]
    assert (answer.label, answer.confidence) == (alone.label, alone.confidence)


def test_two_barcodes_in_view_are_both_told() -> None:
    scans = recogniser(Reader())
    scans.teach(BLUE, barcodes=[CODE])
    scans.teach(RED, barcodes=[OTHER_CODE])
    photo = with_code(with_code(plain_photo(COLOURS[GREEN], 600), CODE, at=(40, 60)), OTHER_CODE, at=(40, 380))
    answer = scans.identify(photo)
    assert {code.text for code in answer.barcodes} == {CODE, OTHER_CODE}
    assert {candidate.label for candidate in answer.candidates[:2]} == {BLUE, RED}
    assert sum(candidate.confidence for candidate in answer.candidates[:2]) > 0.99


def test_reading_is_left_out_where_the_time_is_up() -> None:
    reader = Reader("ruby churn")
    answer = recogniser(reader).identify(butter(), Effort(("look", "read"), within=1e-6))
    assert (answer.label, answer.senses, reader.asked) == ("Dairy/Butter", ("look",), 0)


def test_within_a_limited_time_each_photo_has_its_own() -> None:
    reader = Reader("ruby churn", seconds=0.05)
    start = perf_counter()
    answers = recogniser(reader).identify_many([butter()] * 4, Effort(("look", "read"), within=5))
    assert perf_counter() - start > 0.2
    assert [answer.label for answer in answers] == [RED] * 4
    assert reader.asked == 4


def test_what_reads_is_warmed_up_only_where_time_is_limited_and_something_may_be_read() -> None:
    def warmed(effort: Effort, told: bool) -> bool:
        reader = Reader()
        reads = recogniser(reader) if told else Recogniser(tiny_bundle(), reader=reader)
        reads.identify(plain_photo(COLOURS[GREEN]), effort)
        return reader.warm

    assert warmed(Effort(within=5), told=True)
    assert warmed(Effort(("look", "read"), within=5), told=False)
    assert not warmed(Effort(within=5), told=False)
    assert not warmed(Effort(("look", "scan"), within=5), told=True)
    assert not warmed(ALL, told=True)


def test_answers_do_not_depend_on_the_batch() -> None:
    photos = [butter(), plain_photo(COLOURS[GREEN]), butter(), plain_photo(COLOURS[BLUE])]
    reads = recogniser(Reader("ruby churn"))
    alone = [(answer.label, answer.senses) for photo in photos for answer in [reads.identify(photo)]]
    assert [(answer.label, answer.senses) for answer in reads.identify_many(photos, batch=3)] == alone


@pytest.mark.parametrize("senses", [(), ("read",), ("look", "smell")])
def test_senses_that_make_no_sense_are_refused(senses: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="give look"):
        Effort(senses)  # type: ignore[arg-type]


def test_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="more than 0"):
        replace(AUTOMATIC, within=0.0)


def test_what_is_read_in_taught_photos_is_kept() -> None:
    reader = Reader("ruby churn")
    reads = Recogniser(tiny_bundle(), reader=reader)
    product = reads.teach("Dairy/Cheese/New", [noisy_photo(BETWEEN, seed) for seed in range(2)])
    assert (product.photos, product.read, reader.asked) == (2, 2, 2)
    assert {text for photo in reads.bundle.printed["Dairy/Cheese/New"].read for text, _ in photo} == {"ruby churn"}
    reads.forget("Dairy/Cheese/New")
    assert reads.bundle.printed == {}
    reads.teach("Dairy/Cheese/New", [noisy_photo(BETWEEN, 3)], read=False)
    assert reads.bundle.printed == {}
