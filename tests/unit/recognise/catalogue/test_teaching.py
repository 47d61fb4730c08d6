from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import PRODUCTS, SIZE, tiny_bundle

from shibuya_optics.bundle import LEARNED_WEIGHT, Lines, Printed
from shibuya_optics.errors import LabelError, TeachError, UnknownLabelError
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Product
from shibuya_optics.recognise.catalogue.teaching import MOST_PHOTOS, forget, teach

YELLOW = "Dairy/Cheese/Yellow"
LINES: Lines = (("YELLOW CHEESE", 0.9),)


def unit_rows(count: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, SIZE))
    scaled: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def direction(vector: NDArray[np.floating]) -> NDArray[np.floating]:
    return vector / np.linalg.norm(vector)


def assert_same(one: Catalogue, other: Catalogue) -> None:
    for field in fields(Catalogue):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.of(tiny_bundle())


def test_a_new_product_is_the_direction_of_its_photos(catalogue: Catalogue) -> None:
    vectors = unit_rows(3)
    taught = teach(catalogue, YELLOW, vectors)
    assert taught.tree.products == (*PRODUCTS, YELLOW)
    np.testing.assert_allclose(taught.prototypes[-1], direction(vectors.sum(axis=0)), atol=1e-6)
    assert taught.products()[-1] == Product(YELLOW, "Dairy/Cheese", photos=3, taught=True)
    np.testing.assert_array_equal(taught.exemplars[-3:], vectors.astype(np.float16))


def test_a_learned_product_is_strengthened_from_the_weight_of_ten_photos(catalogue: Catalogue) -> None:
    vectors = unit_rows(3)
    taught = teach(catalogue, PRODUCTS[1], vectors)
    expected = direction(LEARNED_WEIGHT * catalogue.prototypes[1] + vectors.sum(axis=0))
    np.testing.assert_allclose(taught.prototypes[1], expected, atol=1e-6)
    assert taught.products()[1] == Product(PRODUCTS[1], "Dairy/Butter", photos=5, taught=False)


@pytest.mark.parametrize("label", [YELLOW, PRODUCTS[2]])
def test_teaching_and_forgetting_leave_the_other_rows_as_they_are(catalogue: Catalogue, label: str) -> None:
    taught = teach(catalogue, label, unit_rows(4))
    for change in (taught, forget(taught, label)):
        others = [other for other in PRODUCTS if other != label]
        rows = [change.tree.id_of(other) for other in others]
        before = [catalogue.tree.id_of(other) for other in others]
        np.testing.assert_array_equal(change.prototypes[rows], catalogue.prototypes[before])
        np.testing.assert_array_equal(change.prototype_weights[rows], catalogue.prototype_weights[before])
        for row, old in zip(rows, before, strict=True):
            np.testing.assert_array_equal(
                change.exemplars[change.exemplar_products == row],
                catalogue.exemplars[catalogue.exemplar_products == old],
            )


def test_a_forgotten_learned_product_is_gone_and_can_be_taught(catalogue: Catalogue) -> None:
    forgotten = forget(catalogue, PRODUCTS[0])
    assert forgotten.tree.products == PRODUCTS[1:]
    assert forgotten.exemplar_products.tolist() == [0, 0, 1, 1, 2, 2]
    again = teach(forgotten, PRODUCTS[0], unit_rows(1))
    assert again.products()[-1] == Product(PRODUCTS[0], "Dairy/Butter", photos=1, taught=True)


def test_forgetting_what_is_not_known_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownLabelError, match="did you mean 'Dairy/Butter/Red'"):
        forget(catalogue, "Dairy/Butter/Rad")


def test_the_same_photo_counts_once(catalogue: Catalogue) -> None:
    (vector,) = unit_rows(1)
    rounded = vector.astype(np.float16).astype(np.float32)
    rounded /= np.linalg.norm(rounded)
    once = teach(catalogue, YELLOW, vector[None])
    assert_same(teach(catalogue, YELLOW, np.stack([vector, vector, rounded])), once)
    assert teach(once, YELLOW, rounded[None]) is once
    nudged = direction(vector + 0.01 * unit_rows(1, seed=5)[0]).astype(np.float32)
    assert teach(once, YELLOW, nudged[None]).products()[-1].photos == 2


def test_at_most_200_photos_are_kept_of_a_product(catalogue: Catalogue) -> None:
    full = teach(catalogue, YELLOW, unit_rows(MOST_PHOTOS))
    assert full.products()[-1].photos == 200
    assert teach(full, YELLOW, unit_rows(5)) is full
    with pytest.raises(TeachError, match="would have 202 photos, at most 200"):
        teach(full, YELLOW, unit_rows(2, seed=1))


def test_what_teaches_nothing_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(TeachError, match="no photos to teach Dairy/Cheese/Yellow from"):
        teach(catalogue, YELLOW, unit_rows(0))
    with pytest.raises(TeachError, match="photo 2 for Dairy/Cheese/Yellow shows nothing"):
        teach(catalogue, YELLOW, unit_rows(2) * np.array([[1], [0]], np.float32))
    with pytest.raises(TeachError, match="have nothing in common"):
        teach(catalogue, YELLOW, unit_rows(1) * np.array([[1], [-1]], np.float32))
    with pytest.raises(LabelError, match="empty name"):
        teach(catalogue, "Dairy//Yellow", unit_rows(1))


def test_labels_are_taken_in_their_written_form(catalogue: Catalogue) -> None:
    taught = teach(catalogue, " Dairy / Cheese/ Yellow", unit_rows(1))
    assert_same(forget(taught, "Dairy/Cheese /Yellow"), catalogue)


def test_what_was_read_is_kept_with_its_photo(catalogue: Catalogue) -> None:
    photos = unit_rows(3)
    taught = teach(catalogue, YELLOW, photos[[0, 1, 0]], [LINES, (), LINES])
    assert taught.printed == {YELLOW: Printed(read=(LINES,))}
    again = teach(taught, YELLOW, photos, [LINES, LINES, (("MILD", 0.5),)])
    assert again.printed[YELLOW].read == (LINES, (("MILD", 0.5),))
    assert again.product(YELLOW).read == 2
