from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import SIZE

from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, cosines
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known import shortlist as room
from shibuya_optics.recognise.known.nearness import familiarity, nearness, spread
from shibuya_optics.recognise.known.principal_axes import main_axes
from shibuya_optics.recognise.known.shortlist import DIMENSIONS, Likeness

MIDPOINT = 0.4
PRODUCTS = 60
Rows = NDArray[np.float32]


def unit(rows: NDArray[np.floating]) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


@pytest.fixture
def catalogue() -> Catalogue:
    """Sixty products of one to five photos, around directions of their own; every third was taught."""
    random = np.random.default_rng(0)
    counts = random.integers(1, 6, PRODUCTS)
    products = np.repeat(np.arange(PRODUCTS), counts).astype(np.int32)
    centres = random.normal(size=(PRODUCTS, SIZE))
    labels = tuple(f"Shelf/Row/P{i}" for i in range(PRODUCTS))
    shuffled = random.permutation(len(products))
    return Catalogue(
        tree=LabelTree(labels),
        prototypes=unit(centres),
        prototype_weights=np.full(PRODUCTS, 10, np.float32),
        exemplars=unit(centres[products] + 0.4 * random.normal(size=(len(products), SIZE))).astype(np.float16)[
            shuffled
        ],
        exemplar_products=products[shuffled],
        taught=frozenset(labels[::3]),
    )


def asked_of(catalogue: Catalogue, product: int) -> float:
    found = spread(catalogue, product)
    assert (found is None) == (catalogue.photo_counts[product] < 2)
    return found.handicap(MIDPOINT) if found else 0


@pytest.fixture
def shortlists(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"EXACT": 20, "KEPT": 12, "LIKELY": 8, "NEIGHBOURS": 6}.items():
        monkeypatch.setattr(room, name, value)


def photos_of(catalogue: Catalogue, seed: int = 1) -> Rows:
    """A photo of each product."""
    return unit(catalogue.prototypes + 0.1 * np.random.default_rng(seed).normal(size=catalogue.prototypes.shape))


def test_of_few_products_none_is_left_out_and_no_bit_changes(catalogue: Catalogue) -> None:
    photos = photos_of(catalogue)
    likeness = Likeness(catalogue, MIDPOINT)
    assert not likeness.shortlists
    assert likeness.around(3) is catalogue
    similar, familiar = likeness(photos)
    np.testing.assert_array_equal(similar, cosines(catalogue, photos))
    np.testing.assert_array_equal(familiar, familiarity(catalogue, photos, likeness.handicaps))


@pytest.mark.usefixtures("shortlists")
def test_those_on_the_shortlist_are_scored_as_ever_and_the_others_as_far_as_can_be(catalogue: Catalogue) -> None:
    photos = photos_of(catalogue)
    likeness = Likeness(catalogue, MIDPOINT)
    similar, _ = likeness(photos)
    listed = np.zeros(similar.shape, np.bool_)
    np.put_along_axis(listed, likeness.shortlist(photos), values=True, axis=1)
    np.testing.assert_array_equal(listed.sum(axis=1), 12)
    np.testing.assert_array_equal(similar[listed], cosines(catalogue, photos)[listed])
    np.testing.assert_array_equal(similar[~listed], -1)
    np.testing.assert_array_equal(similar.argmax(axis=1), np.arange(PRODUCTS))


@pytest.mark.usefixtures("shortlists")
def test_familiarity_is_that_of_the_nearest_product_less_its_handicap(catalogue: Catalogue) -> None:
    likeness = Likeness(catalogue, MIDPOINT)
    photos = photos_of(catalogue)
    _, familiar = likeness(photos)
    for product, photo in enumerate(photos):
        near = nearness(catalogue, photo[None])[0]
        best = -1.0
        for judged in np.argsort(-near)[:3].tolist():
            taught = judged % 3 == 0
            off = asked_of(likeness.around(judged), 0) if taught else 0
            best = max(best, near[judged] - off)
        assert familiar[product] == pytest.approx(best, abs=1e-5)


@pytest.mark.usefixtures("shortlists")
def test_a_handicap_is_measured_among_neighbours(catalogue: Catalogue) -> None:
    likeness = Likeness(catalogue, MIDPOINT)
    for product in range(0, PRODUCTS, 3):
        around = likeness.around(product)
        assert around.tree.products[0] == catalogue.tree.products[product]
        assert likeness.handicap(product) == asked_of(around, 0)
        assert likeness.handicap(product) == pytest.approx(asked_of(catalogue, product), abs=0.05)


@pytest.mark.usefixtures("shortlists")
def test_a_product_taught_to_many_is_found(catalogue: Catalogue) -> None:
    photos = unit(np.random.default_rng(7).normal(size=(1, SIZE)) * 3 + np.random.default_rng(8).normal(size=(4, SIZE)))
    similar, _ = Likeness(teach(catalogue, "Shelf/Row/New", photos[:3]), MIDPOINT)(photos[3:])
    assert similar.argmax() == PRODUCTS


def test_a_part_of_a_catalogue_is_that_part(catalogue: Catalogue) -> None:
    part = catalogue.only(np.array([7, 2, 9]))
    assert part.tree.products == tuple(catalogue.tree.products[i] for i in (7, 2, 9))
    assert part.taught == {catalogue.tree.products[9]}
    for row, product in enumerate((7, 2, 9)):
        np.testing.assert_array_equal(
            part.exemplars[part.exemplar_products == row], catalogue.exemplars[catalogue.exemplar_products == product]
        )


def test_the_main_axes_are_orthogonal_and_keep_what_there_is() -> None:
    random = np.random.default_rng(0)
    flat = unit(random.normal(size=(500, 20)) @ random.normal(size=(20, 200)))
    axes = main_axes(flat, DIMENSIONS)
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-5)
    np.testing.assert_allclose(flat @ axes @ (flat @ axes).T, flat @ flat.T, atol=1e-4)
