from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import PRODUCTS, SIZE, tiny_bundle

from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import forget, teach
from shibuya_optics.recognise.known.nearness import effective, familiarity, nearness
from shibuya_optics.recognise.known.shortlist import Likeness

MIDPOINT = 0.4
Rows = NDArray[np.float32]


def unit(rows: NDArray[np.floating]) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def unit_rows(count: int, seed: int = 0) -> Rows:
    return unit(np.random.default_rng(seed).normal(size=(count, SIZE)))


def around(centre: int, count: int, noise: float) -> Rows:
    """Photos around one of a few far directions."""
    spread = np.random.default_rng(centre).normal(size=(count, SIZE))
    return unit(np.eye(SIZE)[centre] * 5 + noise * spread)


def own_photos(catalogue: Catalogue, product: int) -> NDArray[np.float64]:
    own = catalogue.exemplars[catalogue.exemplar_products == product].astype(np.float64)
    return np.asarray(own / np.linalg.norm(own, axis=1, keepdims=True), np.float64)


def slow_nearness(photos: NDArray[np.float64], vector: NDArray[np.floating]) -> float:
    nearest = sorted((float(photo @ vector) for photo in photos), reverse=True)[:3]
    return sum(nearest) / len(nearest)


def slow_handicap(catalogue: Catalogue, product: int) -> float:
    own = own_photos(catalogue, product)
    others = [i for i in range(len(catalogue.tree)) if i != product]
    to_own = [slow_nearness(np.delete(own, i, axis=0), photo) for i, photo in enumerate(own)]
    to_others = [max(slow_nearness(own_photos(catalogue, other), photo) for other in others) for photo in own]
    threshold = (np.mean(to_own) + np.mean(to_others)) / 2
    spread = np.linalg.eigvalsh((own @ own.T) ** 2)
    unlike = spread.sum() ** 2 / (spread**2).sum()
    return float((unlike * threshold + MIDPOINT) / (unlike + 1) - MIDPOINT)


def handicaps(catalogue: Catalogue, midpoint: float) -> Rows:
    return Likeness(catalogue, midpoint).handicaps


@pytest.fixture
def catalogue() -> Catalogue:
    taught = Catalogue.of(tiny_bundle())
    for count, label in enumerate(("A", "B", "C", PRODUCTS[1]), start=1):
        taught = teach(taught, label, unit_rows(2 * count - 1, seed=count))
    return taught


def test_nearness_is_what_the_slow_obvious_way_gives(catalogue: Catalogue) -> None:
    vectors = np.concatenate([unit_rows(4, seed=9), unit_rows(2, seed=2), -unit_rows(2, seed=3)])
    expected = [[slow_nearness(own_photos(catalogue, i), v) for i in range(len(catalogue.tree))] for v in vectors]
    np.testing.assert_allclose(nearness(catalogue, vectors), expected, atol=1e-5)
    np.testing.assert_allclose(familiarity(catalogue, vectors), np.max(expected, axis=1), atol=1e-5)


def test_a_handicap_is_taken_off_before_the_nearest_is_sought(catalogue: Catalogue) -> None:
    vectors, off = unit_rows(6, seed=7), np.linspace(-0.3, 0.3, len(catalogue.tree)).astype(np.float32)
    expected = (nearness(catalogue, vectors) - off).max(axis=1)
    np.testing.assert_allclose(familiarity(catalogue, vectors, off), expected, atol=1e-6)


def test_nothing_is_familiar_where_nothing_is_known(catalogue: Catalogue) -> None:
    assert familiarity(catalogue.emptied(), unit_rows(2)).tolist() == [-1, -1]
    assert handicaps(catalogue.emptied(), MIDPOINT).shape == (0,)


def test_handicaps_are_what_the_slow_obvious_way_gives(catalogue: Catalogue) -> None:
    given = dict(zip(catalogue.tree.products, handicaps(catalogue, MIDPOINT).tolist(), strict=True))
    for label in ("B", "C"):
        assert given[label] == pytest.approx(slow_handicap(catalogue, catalogue.tree.id_of(label)), abs=1e-3)
    assert {label: given[label] for label in (*PRODUCTS, "A")} == dict.fromkeys((*PRODUCTS, "A"), 0)


def test_a_pantry_of_look_alikes_asks_for_more_than_one_of_different_things() -> None:
    empty = Catalogue.of(tiny_bundle()).emptied()
    alike = teach(teach(empty, "A", around(1, 4, 0.3)), "B", unit(around(1, 4, 0.3) + 0.5 * around(2, 4, 0.3)))
    apart = teach(teach(empty, "A", around(1, 4, 0.3)), "B", around(2, 4, 0.3))
    assert handicaps(alike, MIDPOINT)[0] > handicaps(apart, MIDPOINT)[0] + 0.1


def test_loose_photos_ask_for_less_than_tight_ones() -> None:
    empty = teach(Catalogue.of(tiny_bundle()).emptied(), "Other", around(3, 4, 0.3))
    tight, loose = (teach(empty, "A", around(1, 5, noise)) for noise in (0.2, 1.0))
    assert handicaps(loose, MIDPOINT)[1] < handicaps(tight, MIDPOINT)[1]


def test_photos_of_one_shoot_ask_for_less_than_as_many_unlike_ones() -> None:
    empty = teach(Catalogue.of(tiny_bundle()).emptied(), "Other", around(3, 4, 0.3))
    several = around(1, 6, 0.6)
    burst = unit(np.repeat(several[:1], 6, axis=0) + 0.02 * unit_rows(6))
    asked = {}
    for name, photos in (("several", several), ("burst", burst)):
        spread = Likeness(teach(empty, "A", photos), MIDPOINT).spread(1)
        assert spread is not None
        asked[name] = spread
    assert asked["burst"].own.mean() > 0.99
    assert asked["burst"].unlike == pytest.approx(1, abs=0.01)
    assert asked["several"].unlike > 1.2
    assert (
        asked["burst"].handicap(MIDPOINT) < 0.5 * (asked["burst"].own.mean() + asked["burst"].others.mean()) - MIDPOINT
    )


def test_photos_count_for_as_many_as_they_are_unlike() -> None:
    assert effective(unit_rows(1)) == pytest.approx(1)
    assert effective(np.repeat(unit_rows(1), 5, axis=0)) == pytest.approx(1, rel=1e-5)
    assert effective(np.eye(5, SIZE, dtype=np.float32)) == pytest.approx(5)


def test_a_product_alone_has_no_handicap() -> None:
    alone = teach(Catalogue.of(tiny_bundle()).emptied(), "A", around(1, 5, 0.3))
    assert handicaps(alone, MIDPOINT).tolist() == [0]


def test_a_farther_product_that_comes_or_goes_changes_no_other_handicap() -> None:
    empty = Catalogue.of(tiny_bundle()).emptied()
    two = teach(teach(empty, "A", around(1, 4, 0.3)), "B", unit(around(1, 4, 0.3) + around(2, 4, 0.3)))
    three = teach(two, "Far", -around(1, 3, 0.1))
    np.testing.assert_array_equal(handicaps(three, MIDPOINT)[:2], handicaps(two, MIDPOINT))
    np.testing.assert_array_equal(handicaps(forget(three, "Far"), MIDPOINT), handicaps(two, MIDPOINT))
