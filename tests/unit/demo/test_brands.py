from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shibuya_optics.demo import Product, pantry
from shibuya_optics.demo.kinds import KINDS, Colour
from shibuya_optics.demo.motifs import MOTIFS
from shibuya_optics.errors import InputError
from shibuya_optics.labels import LabelTree, kind_of


def distance(a: Colour, b: Colour) -> int:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def look_alikes(products: tuple[Product, ...]) -> list[tuple[Product, Product]]:
    return [(a, b) for i, a in enumerate(products) for b in products[i + 1 :] if a.kind == b.kind]


@given(seed=st.integers(0, 10_000), count=st.integers(1, 60))
def test_products_are_distinct_and_their_labels_make_a_tree(seed: int, count: int) -> None:
    products = pantry(count, seed)
    assert len(products) == count
    assert len({product.brand for product in products}) == count
    assert len(LabelTree.of(product.label for product in products)) == count


@given(seed=st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_pantry_and_a_larger_one_begins_with_it(seed: int) -> None:
    assert pantry(30, seed)[:8] == pantry(8, seed) == pantry(8, seed)


def test_another_seed_gives_another_pantry() -> None:
    assert {product.label for product in pantry(8, 0)} != {product.label for product in pantry(8, 1)}


@given(seed=st.integers(0, 10_000))
def test_eight_products_hold_two_pairs_that_look_alike(seed: int) -> None:
    pairs = look_alikes(pantry(8, seed))
    assert len(pairs) == 2
    for a, b in pairs:
        assert kind_of(a.label) == kind_of(b.label)
        assert a.brand != b.brand
        assert a.layout != b.layout
        assert distance(a.palette.base, b.palette.base) < 45
        assert distance(a.palette.accent, b.palette.accent) < 45
        assert (a.palette.paper, a.palette.ink) == (b.palette.paper, b.palette.ink)


def test_a_label_ends_in_the_brand_and_begins_with_the_kind() -> None:
    for product in pantry(40, 3):
        assert product.label == f"{product.kind.path}/{product.brand}"


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_a_pantry_of_no_products_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(InputError, match=f"a pantry of {count} products: give 1 to 288"):
        pantry(count)


def test_every_shape_and_every_motif_is_on_sale() -> None:
    assert {kind.shape for kind in KINDS} == {"box", "carton", "tin", "jar", "tub"}
    assert {kind.motif for kind in KINDS} == set(MOTIFS)
