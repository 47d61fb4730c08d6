from __future__ import annotations

import subprocess
import sys

import pytest

from shibuya_optics.errors import LabelError, UnknownLabelError
from shibuya_optics.labels import LabelTree, is_below, kind_of, nearest_of, parse_label, roll_up

BUTTERS = LabelTree(("Dairy/Butter/Lurpak", "Dairy/Butter/Kerrygold", "Dairy/Milk/Arla", "Salt"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Dairy/Butter/Lurpak", "Dairy/Butter/Lurpak"),
        (" Dairy / Butter/Lurpak\n", "Dairy/Butter/Lurpak"),
        ("Extra   virgin\tolive oil", "Extra virgin olive oil"),
        ("Tea/7 Up (1.5 l), 50 %", "Tea/7 Up (1.5 l), 50 %"),
        ("牛乳/おいしい牛乳", "牛乳/おいしい牛乳"),
        ("Cafe\u0301", "Caf\u00e9"),
    ],
)
def test_a_label_has_one_written_form(text: str, label: str) -> None:
    assert parse_label(text) == label


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "label '' has an empty name: give names joined by '/'"),
        ("Dairy//Lurpak", "has an empty name"),
        ("/Dairy", "has an empty name"),
        ("Dairy/", "has an empty name"),
        ("a/b/c/d/e/f/g", "has 7 names, at most 6 are accepted"),
        ("Dairy/" + "x" * 81, r"name 'xxxxxxxxxxxxxxxxxxxx'\.\.\. has 81 characters, at most 80"),
        ("Dairy/Lur\0pak", "has a character that does not print"),
        ("Dairy/\x1b[31mLurpak", "has a character that does not print"),
        ("../Lurpak", r"has the name '\.\.', which means a folder"),
        ("Dairy/.", r"has the name '\.', which means a folder"),
    ],
)
def test_a_label_that_is_not_well_formed_is_refused(text: str, message: str) -> None:
    with pytest.raises(LabelError, match=message) as caught:
        parse_label(text)
    assert str(caught.value).isprintable()


def test_the_longest_and_the_deepest_label() -> None:
    assert parse_label("a/b/c/d/e/" + "x" * 80).count("/") == 5


@pytest.mark.parametrize(
    ("label", "rolled", "kind"),
    [
        ("Dairy/Butter/Lurpak/Salted", "Dairy/Butter/Lurpak", "Dairy/Butter"),
        ("Dairy/Butter/Lurpak", "Dairy/Butter/Lurpak", "Dairy/Butter"),
        ("Dairy/Lurpak", "Dairy/Lurpak", "Dairy"),
        ("Lurpak", "Lurpak", None),
    ],
)
def test_variants_roll_up_and_products_have_kinds(label: str, rolled: str, kind: str | None) -> None:
    assert roll_up(label) == rolled
    assert kind_of(label) == kind


def test_rolls_up_to_another_depth() -> None:
    assert roll_up("Dairy/Butter/Lurpak/Salted", depth=1) == "Dairy"
    assert roll_up("Dairy/Butter/Lurpak/Salted", depth=4) == "Dairy/Butter/Lurpak/Salted"


def test_a_tree_keeps_its_order_and_gives_ids() -> None:
    assert [BUTTERS.id_of(label) for label in BUTTERS.products] == [0, 1, 2, 3]
    assert len(BUTTERS) == 4
    assert "Salt" in BUTTERS
    assert "Dairy" not in BUTTERS
    assert 3 not in BUTTERS


def test_a_tree_of_labels_is_sorted_and_distinct() -> None:
    assert LabelTree.of(["b/x", " a / y", "b/x"]).products == ("a/y", "b/x")
    assert LabelTree.of([]).products == ()


def test_the_kinds_of_a_tree() -> None:
    assert BUTTERS.kinds == ("Dairy/Butter", "Dairy/Milk", "Salt")
    assert BUTTERS.kind_ids == (0, 0, 1, 2)


def test_the_hash_follows_labels_and_order() -> None:
    turned = LabelTree(BUTTERS.products[::-1])
    assert BUTTERS.hash == LabelTree(BUTTERS.products).hash
    assert BUTTERS.hash != turned.hash
    assert LabelTree(("a",)).hash == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    # SHA-256 of "a", from FIPS 180-4's examples as any tool gives it; stored bundles rely on it.


def test_a_tree_refuses_what_is_not_in_written_form_or_doubled() -> None:
    with pytest.raises(LabelError, match="label 'Dairy / Milk' is not in its written form: write 'Dairy/Milk'"):
        LabelTree(("Dairy / Milk",))
    with pytest.raises(LabelError, match="label 'a' stands twice"):
        LabelTree(("b", "a", "c", "a"))


def test_an_unknown_label_names_the_nearest() -> None:
    with pytest.raises(UnknownLabelError) as caught:
        BUTTERS.id_of("lurpack")
    assert str(caught.value) == "no product 'lurpack' here: did you mean 'Dairy/Butter/Lurpak'?"
    with pytest.raises(UnknownLabelError, match=r"^no product 'zzz' here\.$"):
        BUTTERS.id_of("zzz")


@pytest.mark.parametrize(
    ("wrong", "ending"),
    [
        ("LURPAK", ": did you mean 'Dairy/Butter/Lurpak'?"),
        ("dairy/butter/kerygold", ": did you mean 'Dairy/Butter/Kerrygold' or 'Dairy/Butter/Lurpak'?"),
        ("Kerygold", ": did you mean 'Dairy/Butter/Kerrygold'?"),
        ("", "."),
    ],
)
def test_the_nearest_names(wrong: str, ending: str) -> None:
    assert nearest_of(wrong, BUTTERS.products) == ending


def test_two_near_names_are_both_given() -> None:
    assert nearest_of("Oat milk 2", ["Oat milk", "Oat milk 20", "Rye"]) == ": did you mean 'Oat milk 20' or 'Oat milk'?"


def test_labels_load_nothing_heavy() -> None:
    code = "import sys, shibuya_optics.labels; print('numpy' in sys.modules, 'difflib' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "False False\n"


def test_names_above_the_products_come_with_the_places_of_the_products() -> None:
    tree = LabelTree(("A/B/C/D", "Plain", "A/B/E", "A/B/C"))
    assert tree.rolled_up[0] == ("A/B/C", "Plain", "A/B/E")
    assert tree.rolled_up[1].tolist() == [0, 1, 2, 0]
    assert tree.kinds_above[0] == ("A/B", None)
    assert tree.kinds_above[1].tolist() == [0, 1, 0, 0]


def test_a_label_is_below_its_kinds_and_itself_only() -> None:
    assert is_below("Dairy/Milk/Arla", "Dairy/Milk")
    assert is_below("Dairy/Milk/Arla", "Dairy/Milk/Arla")
    assert not is_below("Dairy/Milkshake/Arla", "Dairy/Milk")
