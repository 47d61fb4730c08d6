from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.bundle import Lines, Printed
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.catalogue.lexicon import (
    TALL,
    Lexicon,
    lines_of,
    normalised,
    profile_of,
    rarity,
    terms_of,
    weight_of,
)
from shibuya_optics.records import Box, Word

TREE = LabelTree(("Dairy/Butter/Lurpak", "Dairy/Butter/Kerrygold", "Dairy/Milk/Arla-Lättmjölk", "Lemon"))
PRINTED = {
    "Dairy/Butter/Lurpak": Printed(
        read=((("LURPAK", 1.0), ("SLIGHTLY SALTED", 0.8)), (("LURPAK", 0.9), ("250 g", 0.5)))
    ),
    "Dairy/Butter/Kerrygold": Printed(read=((("KERRYGOLD", 1.0), ("PURE IRISH BUTTER", 0.7)),)),
    "Dairy/Milk/Arla-Lättmjölk": Printed(told=("arla lättmjölk 0,5 %",)),
}
LEXICON = Lexicon(TREE, PRINTED)


def box(left: float, top: float, right: float, bottom: float) -> Box:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def match(*lines: tuple[str, float]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = LEXICON.evidence([lines]).match[0]
    return found


def test_words_are_compared_without_case_and_accents() -> None:
    assert normalised("LÄTTMJÖLK, Crème Brûlée Ærø Łódź ﬁn") == ["lattmjolk", "creme", "brulee", "aero", "lodz", "fin"]
    assert normalised("3,5% 1.5L 250 g") == ["3,5", "1.5", "l", "250", "g"]


def test_other_scripts_are_words_too() -> None:
    assert normalised("حليب МОЛОКО 牛乳 🥛") == ["حليب", "молоко", "牛乳"]


def test_terms_are_trigrams_of_words_and_of_the_line_and_whole_numbers() -> None:
    assert set(terms_of([("So Go 50", 0.5)])) == {" so", "so ", " go", "go ", "sog", "ogo", "50"}
    assert terms_of([("So", 0.5), ("SO", 0.75)]) == {" so": 0.75, "so ": 0.75}


def test_long_numbers_are_dates_and_codes_and_count_for_nothing() -> None:
    assert terms_of([("20261224", 1.0)]) == {}


@pytest.mark.parametrize(
    ("line", "product"),
    [
        ("LURPAK", 0),
        ("lurpak", 0),
        ("LURPAC", 0),
        ("SLIGHTLYSALTED", 0),
        ("KERRYG0LD", 1),
        ("ARLA LATTMJOLK", 2),
        ("lemon", 3),
    ],
)
def test_a_word_is_recognised_though_it_is_misread(line: str, product: int) -> None:
    matches = match((line, 0.9))
    assert matches.argmax() == product
    assert matches[product] > 0.2


def test_match_is_the_cosine_of_weighted_terms() -> None:
    lines: Lines = (("KERRY", 1.0), ("SALTED", 0.5), ("250", 0.9))
    query = terms_of(lines)
    profiles = [profile_of(label, PRINTED.get(label, Printed())) for label in TREE.products]
    worth = {
        t: rarity(sum(t in profile for profile in profiles), 4) for t in {*query, *(t for p in profiles for t in p)}
    }
    for product, profile in enumerate(profiles):
        length = math.sqrt(sum((weight * worth[t]) ** 2 for t, weight in profile.items()))
        letters = sum(w * profile.get(t, 0) * worth[t] ** 2 for t, w in query.items() if not t[0].isdigit())
        numbers = sum(w * profile.get(t, 0) * worth[t] ** 2 for t, w in query.items() if t[0].isdigit())
        squares = [
            sum((w * worth[t]) ** 2 for t, w in query.items() if t[0].isdigit() == digit) for digit in (False, True)
        ]
        whole = math.sqrt(squares[0] + min(squares)) * length
        assert match(*lines)[product] == pytest.approx((letters + min(numbers, letters)) / whole, rel=1e-5)


def test_numbers_never_decide_alone() -> None:
    evidence = LEXICON.evidence([(("250", 1.0),)])
    assert evidence.match.max() == 0
    assert evidence.amount[0] == 0


def test_numbers_count_where_letters_agree() -> None:
    assert match(("SALTED", 1.0), ("250", 1.0))[0] > match(("SALTED", 1.0), ("400", 1.0))[0]


def test_nothing_read_is_no_evidence() -> None:
    evidence = LEXICON.evidence([(), (("LURPAK", 1.0),)])
    assert evidence.amount[0] == 0 < evidence.amount[1]
    assert evidence.match[0].tolist() == [0, 0, 0, 0]
    assert LEXICON.evidence([]).match.shape == (0, 4)


def test_what_is_printed_on_every_pack_counts_little() -> None:
    tree = LabelTree(("A", "B", "C"))
    lexicon = Lexicon(tree, {label: Printed(told=("best before", f"brand{label * 3}")) for label in tree.products})
    common, rare = (lexicon.evidence([((text, 1.0),)]) for text in ("best before", "brandBBB"))
    assert np.ptp(common.match[0]) < 0.1 < np.ptp(rare.match[0])


def test_a_name_alone_is_a_profile() -> None:
    lexicon = Lexicon(LabelTree(("Juice/Bravo-Apple-Juice", "Juice/Bravo-Orange-Juice")), {})
    assert lexicon.evidence([(("ORANGE", 0.9),)]).match[0].argmax() == 1


def test_lines_weigh_by_sureness_height_and_place() -> None:
    middle = Word("A", 0.8, box(0.4, 0.5 - TALL / 2, 0.6, 0.5 + TALL / 2))
    assert weight_of(middle) == pytest.approx(0.8)
    assert weight_of(Word("A", 0.8, box(0.4, 0.5 - TALL / 8, 0.6, 0.5 + TALL / 8))) == pytest.approx(0.4)
    assert weight_of(Word("A", 0.8, box(0, 0.5 - TALL / 2, 0.2, 0.5 + TALL / 2))) == pytest.approx(0.8 * 0.6)
    assert lines_of([middle, Word("B", 0.0, middle.box)]) == (("A", 0.8),)


def test_words_say_how_much_they_speak_for_a_product() -> None:
    place = box(0.3, 0.4, 0.7, 0.6)
    words = LEXICON.speaking_for(0, [Word("MILK", 1.0, place), Word("LURPAK", 1.0, place), Word("SALTED", 0.5, place)])
    assert [word.text for word in words] == ["LURPAK", "SALTED", "MILK"]
    assert words[0].says > words[1].says > 0
    assert words[2].says < 0.05


def test_products_of_which_only_the_name_is_known_are_told() -> None:
    assert LEXICON.evidence([()]).legible.tolist() == [True, True, True, False]


def test_a_reading_set_aside_is_compared_with_what_the_others_taught() -> None:
    read: tuple[Lines, ...] = ((("LURPAK", 1.0),), (("LURPAK", 1.0),), (("SLIGHTLY SALTED", 1.0),))
    packs = PRINTED | {"Dairy/Butter/Lurpak": Printed(read=read)}
    lexicon = Lexicon(TREE, packs)
    for photo, lines in enumerate(read):
        amount, own, other = lexicon.set_aside(0, photo)
        evidence = lexicon.evidence([lines])
        assert amount == pytest.approx(evidence.amount[0])
        assert other == pytest.approx(evidence.match[0, 1:].max())
        assert own < evidence.match[0, 0]
    assert lexicon.set_aside(0, 0)[1] > 0.5
    # Nothing but this photo says it, and the name does not.
    assert lexicon.set_aside(0, 2)[1] == 0


def test_a_reading_set_aside_of_the_only_product_has_no_other() -> None:
    alone = Lexicon(LabelTree(("A/B/C",)), {"A/B/C": Printed(read=((("ONE", 1.0),), (("ONE", 1.0),)))})
    assert alone.set_aside(0, 1)[2] == 0
