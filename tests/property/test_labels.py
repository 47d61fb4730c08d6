from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.errors import LabelError
from shibuya_optics.labels import SEPARATOR, LabelTree, kind_of, parse_label, roll_up

ANY_NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12)
TEXTS = st.lists(ANY_NAMES, min_size=1, max_size=7).map(SEPARATOR.join)
GOOD_NAMES = st.text("abé牛1%", min_size=1, max_size=3)
LABELS = st.lists(GOOD_NAMES, min_size=1, max_size=6).map(SEPARATOR.join)


def parsed(text: str) -> str | None:
    try:
        return parse_label(text)
    except LabelError:
        return None


@given(text=TEXTS | st.text(max_size=40))
def test_parsing_twice_changes_nothing(text: str) -> None:
    label = parsed(text)
    if label is not None:
        assert parse_label(label) == label
        assert all(name == name.strip() != "" for name in label.split(SEPARATOR))
        assert label.isprintable()


@given(text=TEXTS, left=st.sampled_from(["", " ", "\t\n"]), right=st.sampled_from(["", "  "]))
def test_space_around_names_does_not_matter(text: str, left: str, right: str) -> None:
    spaced = SEPARATOR.join(left + name + right for name in text.split(SEPARATOR))
    assert parsed(spaced) == parsed(text)


@given(label=LABELS)
def test_a_kind_is_the_start_of_its_product(label: str) -> None:
    rolled, kind = roll_up(label), kind_of(label)
    assert label.startswith(rolled)
    assert roll_up(rolled) == rolled
    assert kind == kind_of(rolled)
    if kind is None:
        assert SEPARATOR not in label
    else:
        assert rolled.rsplit(SEPARATOR, 1)[0] == kind


@given(labels=st.lists(LABELS, max_size=12), random=st.randoms(use_true_random=False))
def test_a_tree_does_not_depend_on_the_order_of_what_it_is_made_of(labels: list[str], random: object) -> None:
    shuffled = labels[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    tree = LabelTree.of(labels)
    assert tree == LabelTree.of(shuffled)
    assert tree.hash == LabelTree.of(shuffled).hash
    assert set(tree.products) == set(labels)


@given(labels=st.lists(LABELS, min_size=1, max_size=12))
def test_ids_are_positions_and_kinds_fit(labels: list[str]) -> None:
    tree = LabelTree.of(labels)
    assert [tree.id_of(label) for label in tree.products] == list(range(len(tree)))
    assert all(
        tree.kinds[kind] == (kind_of(label) or label) for label, kind in zip(tree.products, tree.kind_ids, strict=True)
    )
    assert sorted(set(tree.kind_ids)) == list(range(len(tree.kinds)))


@given(one=st.lists(LABELS, max_size=6, unique=True), other=st.lists(LABELS, max_size=6, unique=True))
def test_equal_hashes_mean_equal_ids(one: list[str], other: list[str]) -> None:
    assert (LabelTree(tuple(one)).hash == LabelTree(tuple(other)).hash) == (one == other)
