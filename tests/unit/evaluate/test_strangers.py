from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.strangers import near_strangers
from shibuya_optics.labels import LabelTree, kind_of

SHOP = LabelTree.of(
    [f"Packages/Milk/{i}" for i in range(10)]
    + [f"Packages/K{i}/{i}" for i in range(21)]
    + [f"Fruit/Apple/{i}" for i in range(6)]
    + [f"Fruit/F{i}/{i}" for i in range(44)]
)


def test_of_81_products_16_are_drawn_half_of_them_packaged() -> None:
    for draw in range(5):
        drawn = near_strangers(SHOP, draw)
        assert len(drawn) == len(set(drawn)) == 16
        assert sum(label.startswith("Packages/") for label in drawn) == 8
        assert max(Counter(map(kind_of, drawn)).values()) == 1
        assert list(drawn) == sorted(drawn)


def test_a_draw_is_always_the_same_and_draws_differ() -> None:
    assert near_strangers(SHOP, 3) == near_strangers(SHOP, 3)
    assert len({near_strangers(SHOP, draw) for draw in range(5)}) == 5
    assert near_strangers(SHOP, 0, seed=1) != near_strangers(SHOP, 0)


def test_of_25_products_of_one_kind_five_are_drawn() -> None:
    assert len(near_strangers(LabelTree.of([f"Groceries/{i}" for i in range(25)]), 0)) == 5


@given(packaged=st.integers(0, 30), others=st.integers(0, 30), draw=st.integers(0, 50))
def test_whatever_the_shop_a_fifth_is_drawn(packaged: int, others: int, draw: int) -> None:
    tree = LabelTree.of([f"Packages/{i % 7}/{i}" for i in range(packaged)] + [f"Fruit/{i}" for i in range(others)])
    if packaged + others < 10:
        with pytest.raises(InputError, match="give ten products or more"):
            near_strangers(tree, draw)
        return
    drawn = near_strangers(tree, draw)
    assert len(drawn) == (packaged + others) // 5
    assert all(label in tree for label in drawn)


def test_a_draw_below_0_is_refused() -> None:
    with pytest.raises(InputError, match="draw -1"):
        near_strangers(SHOP, -1)
