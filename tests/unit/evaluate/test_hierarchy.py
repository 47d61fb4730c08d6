from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.hierarchy import mistake_distances, tree_distance

LABELS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("one", "other", "edges"),
    [
        ("Dairy/Butter/Lurpak", "Dairy/Butter/Lurpak", 0),
        ("Dairy/Butter/Lurpak", "Dairy/Butter/Lurpak/Salted", 1),
        ("Dairy/Butter/Lurpak", "Dairy/Butter/Arla", 2),
        ("Dairy/Butter/Lurpak", "Dairy/Milk/Lurpak", 4),
        ("Dairy/Butter/Lurpak", "Fruit/Melon/Piel", 6),
        ("Dairy/Butter/Lurpak", "Lemon", 4),
    ],
)
def test_edges_by_hand(one: str, other: str, edges: int) -> None:
    assert tree_distance(one, other) == tree_distance(other, one) == edges


def slow_distance(one: str, other: str) -> int:
    above = [{tuple(label.split("/")[:depth]) for depth in range(1, 9)} for label in (one, other)]
    return len(above[0] ^ above[1])


@given(one=LABELS, other=LABELS, third=LABELS)
def test_it_is_a_distance_that_counts_the_nodes_above_just_one(one: str, other: str, third: str) -> None:
    assert tree_distance(one, other) == slow_distance(one, other)
    assert tree_distance(one, third) <= tree_distance(one, other) + tree_distance(other, third)


def test_the_mean_and_the_counts_of_mistakes() -> None:
    found = mistake_distances(["A/B/x", "A/B/y", "C/D/z"], ["A/B/z", "A/B/z", "A/B/z"])
    assert found.counts == {2: 2, 6: 1}
    assert found.mean == pytest.approx(10 / 3)
    assert mistake_distances([], []).mean is None
    with pytest.raises(InputError, match="1 labels said and 0 true ones"):
        mistake_distances(["A"], [])
