from __future__ import annotations

from dataclasses import replace

import numpy as np
from tiny_bundle import tiny_bundle, vector_of

from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import forget, teach
from shibuya_optics.recognise.known.mahalanobis import AXES, SHRINKAGE, Typical, differences

PRODUCTS, EACH, SIZE = 6, 5, 12


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def catalogue() -> Catalogue:
    """Products whose photos differ along the first axes alone."""
    rng = np.random.default_rng(5)
    centres = unit(rng.normal(size=(PRODUCTS, SIZE)))
    owners = rng.permutation(np.repeat(np.arange(PRODUCTS), EACH))
    noise = rng.normal(0, 0.2, (len(owners), SIZE)) * (np.arange(SIZE) < 3)
    return Catalogue(
        tree=LabelTree(tuple(f"K/p{i}" for i in range(PRODUCTS))),
        prototypes=centres,
        prototype_weights=np.full(PRODUCTS, 10, np.float32),
        exemplars=unit(centres[owners] + noise).astype(np.float16),
        exemplar_products=owners.astype(np.int32),
        taught=frozenset(),
    )


def typical_of(known: Catalogue, learned: Catalogue | None = None) -> Typical:
    rows, owners, _ = (learned or known).shelf
    return Typical(known, differences(rows, owners))


def shrunken(off: np.ndarray) -> tuple[np.ndarray, float]:
    """A covariance the slow way, and what it is along directions in which nothing differs."""
    spread = sum(np.outer(row, row) for row in off.astype(np.float64)) / len(off)
    level = SHRINKAGE * np.trace(spread) / SIZE
    return (1 - SHRINKAGE) * spread + level * np.eye(SIZE), level


def slow_distances(known: Catalogue, vectors: np.ndarray, products: np.ndarray) -> list[float]:
    rows, owners, _ = known.shelf
    means = np.stack([rows[owners == p].mean(axis=0, dtype=np.float64) for p in range(len(known.tree))])
    (within, unit_), (altogether, level) = shrunken(rows - means[owners]), shrunken(rows)
    inner, outer = np.linalg.inv(within), np.linalg.inv(altogether)
    return [
        float(unit_ * ((v - means[p]) @ inner @ (v - means[p]) - v @ outer @ v + v @ v / level))
        for v, p in zip(vectors, products, strict=True)
    ]


def test_it_is_the_relative_mahalanobis_distance_to_the_mean_of_the_product() -> None:
    known = catalogue()
    vectors = unit(np.random.default_rng(6).normal(size=(20, SIZE)))
    products = np.arange(20) % PRODUCTS
    found = typical_of(known)(vectors, products)
    np.testing.assert_allclose(-found, slow_distances(known, vectors, products), rtol=5e-3)
    assert -4 <= found.min() <= found.max() <= 0


def test_off_the_mean_as_photos_of_a_product_are_is_typical_and_off_it_otherwise_is_not() -> None:
    known = catalogue()
    rows, owners, _ = known.shelf
    mean = rows[owners == 0].mean(axis=0)
    along, across = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.float32)
    along[0] = across[-1] = 0.4
    first = np.zeros(2, np.intp)
    near, strange = typical_of(known)(unit(np.stack([mean + along, mean + across])), first)
    assert near > strange + 0.1


def test_directions_come_as_float16_and_no_more_than_are_kept() -> None:
    rng = np.random.default_rng(11)
    found = differences(unit(rng.normal(size=(300, 2 * AXES))), rng.integers(0, 9, 300))
    assert found.dtype == np.float16
    assert found.shape == (2, 2 * AXES, AXES)
    assert (np.linalg.norm(found.astype(np.float32), axis=1) <= 1.001).all()
    one_each = differences(unit(rng.normal(size=(5, 8))), np.arange(5))
    assert np.isfinite(one_each).all()


def test_teaching_changes_nothing_of_the_learned() -> None:
    known = catalogue()
    taught = teach(known, "K/new", unit(np.random.default_rng(7).normal(size=(4, SIZE))))
    vectors = unit(np.random.default_rng(8).normal(size=(PRODUCTS, SIZE)))
    each = np.arange(PRODUCTS)
    np.testing.assert_array_equal(typical_of(taught, known)(vectors, each), typical_of(known)(vectors, each))
    less = forget(known, "K/p0")
    np.testing.assert_array_equal(
        typical_of(less, known)(vectors[1:], each[:-1]), typical_of(known)(vectors[1:], each[1:])
    )


def test_where_nothing_is_known_it_says_nothing() -> None:
    bundle = tiny_bundle()
    photo = vector_of((250, 250, 10))[None]
    known = Catalogue.of(bundle)
    assert bundle.differences.shape == (2, 48, 0)
    assert Typical(known, bundle.differences)(photo, np.zeros(1, np.intp)).tolist() == [0]
    assert typical_of(known)(photo[:0], np.zeros(0, np.intp)).shape == (0,)


def test_of_a_product_without_photos_it_says_nothing() -> None:
    known = catalogue()
    named = replace(known.with_product("K/named"), prototype_weights=np.append(known.prototype_weights, np.float32(0)))
    vector = unit(np.random.default_rng(9).normal(size=(1, SIZE)))
    assert typical_of(named, known)(vector, np.array([PRODUCTS])).tolist() == [0]
