from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import SIZE, tiny_bundle

from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.remarks import Lesson, Remark, lesson, odd_photos, told_apart

Rows = NDArray[np.float32]
FAR = np.full(20, -1, np.float32)


def around(centre: int, count: int, seed: int = 0, noise: float = 0.5) -> Rows:
    """Photos around one of a few far directions."""
    rows = 5 * np.eye(SIZE)[centre] + noise * np.random.default_rng([centre, seed]).normal(size=(count, SIZE))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def empty() -> Catalogue:
    return Catalogue.of(tiny_bundle()).emptied()


def taught(before: Catalogue, label: str, photos: Rows) -> Lesson:
    return lesson(before, Likeness(teach(before, label, photos), 0.4), label, photos)


def test_a_photo_unlike_the_others_is_remarked(empty: Catalogue) -> None:
    photos = np.concatenate([around(1, 2), around(9, 1), around(1, 2, seed=1)])
    given = taught(empty, "A", photos)
    assert given.remarks == (Remark("unlike", photo=3),)
    assert given.remarks[0].text == "photo 3 looks unlike the others"
    assert (given.label, given.photos, given.taught) == ("A", 5, True)


def test_a_photo_of_another_product_is_remarked_with_its_name(empty: Catalogue) -> None:
    known = teach(empty, "Tins/B", around(9, 3))
    photos = np.concatenate([around(1, 4), around(9, 1, seed=1)])
    (remark,) = taught(known, "A", photos).remarks
    assert remark == Remark("nearer", photo=5, product="Tins/B")
    assert remark.text == "photo 5 looks more like Tins/B"


def test_photos_are_counted_as_they_were_given_and_remembered_ones_apart(empty: Catalogue) -> None:
    first = around(9, 1)
    known = teach(empty, "A", first)
    # The first is known already, and so is the second of two that are the same.
    given = taught(known, "A", np.concatenate([first, around(1, 1), around(1, 3), around(4, 1)]))
    assert given.remarks == (Remark("unlike", photo=1, given=False), Remark("unlike", photo=6))
    assert given.remarks[0].text == "remembered photo 1 looks unlike the others"


def test_nothing_is_said_of_few_photos(empty: Catalogue) -> None:
    assert taught(empty, "A", np.concatenate([around(1, 2), around(9, 1)])).remarks == ()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [0.1, 0.5, 0.8])
def test_two_sides_of_a_product_are_no_odd_photos(seed: int, noise: float) -> None:
    photos = np.concatenate([around(1, 2 + seed % 6, seed, noise), around(9, 2, seed, noise)])
    assert odd_photos(photos, FAR[: len(photos)]) == []


def test_the_same_product_by_another_name_is_remarked(empty: Catalogue) -> None:
    known = teach(teach(empty, "Dairy/Butter/Lurpak", around(1, 5)), "B", around(9, 5))
    (remark,) = taught(known, "A", around(1, 5, seed=1)).remarks
    assert remark == Remark("same", product="Dairy/Butter/Lurpak")
    assert remark.text.startswith("nearly the same as Dairy/Butter/Lurpak")


def test_what_looks_the_same_is_not_told_apart_and_what_does_not_is() -> None:
    assert abs(told_apart(around(1, 8), around(1, 8, seed=1))) < 0.03
    assert told_apart(around(1, 8), around(2, 8)) > 0.5
    assert told_apart(around(1, 8), around(1, 3, seed=1)) == float("inf")


def test_what_was_told_alone_draws_no_remarks(empty: Catalogue) -> None:
    known = teach(empty, "A", np.concatenate([around(1, 4), around(9, 1)]))
    assert lesson(known, Likeness(known, 0.4), "A", around(1, 0)).remarks == ()
