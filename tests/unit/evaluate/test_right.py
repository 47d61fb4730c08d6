from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.right import Right, right_of
from shibuya_optics.labels import LabelTree, kind_of

TREE = LabelTree(("Dairy/Butter/Arla", "Dairy/Butter/Lurpak", "Dairy/Milk/Oatly", "Lemon"))


def test_products_and_kinds_are_those_of_a_plain_count() -> None:
    rng = np.random.default_rng(0)
    cosines = rng.random((80, 4)).astype(np.float32)
    truth = [TREE.products[i] for i in rng.integers(0, 4, 80)]
    right = right_of(10 * cosines, truth, TREE)
    for i, (row, true) in enumerate(zip(cosines.astype(float), truth, strict=True)):
        best = max(range(4), key=row.__getitem__)
        sums: dict[str, float] = {}
        for label, cosine in zip(TREE.products, row, strict=True):
            kind = kind_of(label) or label
            sums[kind] = sums.get(kind, 0) + float(np.exp(10 * cosine))
        assert right.products[i] == (TREE.products[best] == true)
        assert right.kinds[i] == (max(sums, key=sums.__getitem__) == (kind_of(true) or true))


def test_two_of_a_kind_outweigh_the_likeliest_product() -> None:
    cosines = np.array([[0.50, 0.50, 0.55, 0.0]], np.float32)
    right = right_of(10 * cosines, ["Dairy/Butter/Arla"], TREE)
    assert (right.products.tolist(), right.kinds.tolist()) == ([False], [True])


def test_each_origin_has_its_own_shares() -> None:
    right = Right(np.array([True, False, True, True]), np.array([True, True, True, False]))
    apart = right.by_origin(["own", "web", "own", "web"])
    assert list(apart) == ["own", "web"]
    assert (apart["own"].photos, apart["own"].accuracy, apart["own"].accuracy_kind) == (2, 1.0, 1.0)
    assert (apart["web"].photos, apart["web"].accuracy, apart["web"].accuracy_kind) == (2, 0.5, 0.5)
    assert apart["web"].interval95[0] < 0.5 < apart["web"].interval95[1]
    assert apart["own"].as_json()["photos"] == 2


def test_one_public_set_alone_is_not_said_twice() -> None:
    right = Right(np.array([True, False]), np.array([True, True]))
    assert right.by_origin(["public:groceries"] * 2) == {}
    assert list(right.by_origin(["own"] * 2)) == ["own"]
    assert list(right.by_origin(["web"] * 2)) == ["web"]
    assert list(right.by_origin(["public:b", "public:a"])) == ["public:a", "public:b"]


def test_no_photos_have_no_shares_and_origins_must_fit() -> None:
    nothing = Right(np.empty(0, np.bool_), np.empty(0, np.bool_))
    with pytest.raises(InputError, match="0 photos"):
        nothing.shares()
    with pytest.raises(InputError, match="1 photos and 2 origins"):
        Right(np.array([True]), np.array([True])).by_origin(["own", "web"])
