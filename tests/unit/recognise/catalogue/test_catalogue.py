from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import SIZE, tiny_bundle

from shibuya_optics.recognise.catalogue.catalogue import Catalogue, cosines
from shibuya_optics.recognise.catalogue.teaching import teach

YELLOW = "Dairy/Cheese/Yellow"


def unit_rows(count: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, SIZE))
    scaled: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def assert_same(one: Catalogue, other: Catalogue) -> None:
    for field in fields(Catalogue):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.of(tiny_bundle())


def test_a_catalogue_goes_into_its_bundle_and_comes_out_again(catalogue: Catalogue) -> None:
    taught = teach(catalogue, YELLOW, unit_rows(2))
    assert_same(Catalogue.of(taught.into(tiny_bundle())), taught)


def test_cosines_are_those_of_the_prototypes(catalogue: Catalogue) -> None:
    vectors = unit_rows(5)
    assert cosines(catalogue, vectors).dtype == np.float32
    np.testing.assert_allclose(cosines(catalogue, vectors), vectors @ catalogue.prototypes.T, atol=1e-6)


def test_an_empty_catalogue_knows_no_products(catalogue: Catalogue) -> None:
    assert cosines(catalogue.emptied(), unit_rows(2)).shape == (2, 0)
    assert catalogue.emptied().products() == ()
