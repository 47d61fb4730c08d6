from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import SIZE, tiny_bundle

from shibuya_optics.bundle import Printed
from shibuya_optics.errors import TeachError
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Product
from shibuya_optics.recognise.catalogue.teaching import forget, teach
from shibuya_optics.recognise.catalogue.telling import tell

YELLOW = "Dairy/Cheese/Yellow"
CODE, OTHER_CODE = "5740900836006", "96385074"


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


def test_words_and_barcodes_teach_without_a_photo(catalogue: Catalogue) -> None:
    taught = tell(catalogue, YELLOW, ["mild  yellow"], [CODE])
    assert taught.product(YELLOW) == Product(
        YELLOW, "Dairy/Cheese", photos=0, taught=True, words=("mild yellow",), barcodes=("0" + CODE,)
    )
    assert taught.looks.tolist() == [True] * 4 + [False]
    assert taught.by_barcode == {"0" + CODE: 4}
    assert_same(Catalogue.of(taught.into(tiny_bundle())), taught)


def test_telling_adds_to_what_was_told(catalogue: Catalogue) -> None:
    taught = tell(tell(catalogue, YELLOW, ["mild"], [CODE]), YELLOW, ["mild", "old"], [CODE, OTHER_CODE])
    assert taught.printed[YELLOW] == Printed(told=("mild", "old"), barcodes=("0" + CODE, "000000" + OTHER_CODE))
    assert len(taught.tree) == 5


def test_a_product_that_was_told_gets_a_look_from_photos(catalogue: Catalogue) -> None:
    vectors = unit_rows(2)
    taught = teach(tell(catalogue, YELLOW, ["mild"], []), YELLOW, vectors)
    np.testing.assert_allclose(taught.prototypes[-1], direction(vectors.sum(axis=0)), atol=1e-6)
    assert taught.product(YELLOW).words == ("mild",)
    assert taught.looks.all()


def test_forgetting_removes_words_and_barcodes(catalogue: Catalogue) -> None:
    taught = tell(tell(catalogue, YELLOW, ["mild"], [CODE]), "Blue", ["blue"], [])
    left = forget(taught, YELLOW)
    assert left.printed == {"Blue": Printed(told=("blue",))}
    assert left.by_barcode == {}
    assert_same(forget(left, "Blue"), forget(catalogue, "Blue"))


@pytest.mark.parametrize(
    ("words", "codes", "message"),
    [
        ([], [], "nothing to teach Dairy/Cheese/Yellow from"),
        (["12 %"], [], "with letters"),
        (["a" * 201], [], "at most 200"),
        (["a\x1b[31m"], [], "with letters"),
        ([], ["5740900836007"], "the last one checks"),
        ([], ["574"], "barcode '574' is none"),
    ],
)
def test_what_tells_nothing_is_refused(catalogue: Catalogue, words: list[str], codes: list[str], message: str) -> None:
    with pytest.raises(TeachError, match=message):
        tell(catalogue, YELLOW, words, codes)


def test_a_barcode_belongs_to_one_product(catalogue: Catalogue) -> None:
    taught = tell(catalogue, "Blue", [], [CODE])
    with pytest.raises(TeachError, match="is that of Blue: forget"):
        tell(taught, YELLOW, [], [CODE])
    assert tell(taught, "Blue", [], [CODE]).printed == taught.printed
