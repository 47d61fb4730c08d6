from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import DECISION, PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.bundle import Fusion, Lines, Printed
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known import trust_in_taught as room
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.known.trust_in_taught import (
    EXPECTED,
    FEWEST_KNOWN,
    STRANGE_PRODUCTS,
    Trust,
    near_factor,
    print_numbers,
    readings_of,
)
from shibuya_optics.recognise.known.trust_in_taught import taught_factor as factor_of

FUSION = Fusion()
NONE = np.empty(0, np.float64)
SLOPE = 20.0


def margins(slope: float, count: int = 4000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of photos and of strangers, as often as a logistic curve of the slope has it."""
    rng = np.random.default_rng(0)
    each = rng.normal(0, 0.1, count)
    known = rng.random(count) < 1 / (1 + np.exp(-slope * each))
    return each[known], each[~known]


@pytest.mark.parametrize("slope", [4.0, 10.0, 25.0])
def test_the_slope_is_the_one_that_the_photos_follow(slope: float) -> None:
    assert SLOPE * near_factor(*margins(slope), SLOPE) == pytest.approx(slope, rel=0.15)


def test_of_a_few_photos_what_is_expected_counts_too() -> None:
    assert near_factor(NONE, NONE, SLOPE) == pytest.approx(EXPECTED, rel=0.1)
    apart = near_factor(np.array([0.3]), np.array([-0.3]), SLOPE)
    assert EXPECTED < apart < near_factor(np.full(20, 0.3), np.full(20, -0.3), SLOPE)


def readings(own: float, other: float, count: int = 30) -> NDArray[np.float64]:
    spread = np.linspace(-0.1, 0.1, count)
    return np.stack([np.full(count, 5.0), own + spread, other - spread], axis=1)


def test_print_that_tells_packs_apart_counts_for_more_and_print_that_they_share_for_less() -> None:
    apart, match = print_numbers(readings(0.85, 0.15), FUSION)
    shared, _ = print_numbers(readings(0.5, 0.5), FUSION)
    assert shared < FUSION.known_reading < apart
    assert 0.3 < match < 0.6
    low, high = (print_numbers(readings(own, own - 0.4), FUSION)[1] for own in (0.5, 0.9))
    assert low < FUSION.known_match < high


def test_the_bundles_numbers_count_half() -> None:
    # So many that nothing else counts: a match of 0.7 divides them, as surely as can be said.
    factor, match = print_numbers(readings(0.9, 0.5, 5000), FUSION)
    assert match == pytest.approx((0.7 + FUSION.known_match) / 2, abs=0.015)
    assert factor == pytest.approx(FUSION.known_reading * room.FACTORS[-1] ** 0.5)


def test_without_readings_the_bundles_numbers_stand() -> None:
    assert print_numbers(np.empty((0, 3)), FUSION) == (FUSION.known_reading, FUSION.known_match)
    silent = replace(FUSION, known_reading=0.0)
    assert print_numbers(readings(0.9, 0.1), silent) == (0.0, FUSION.known_match)


def test_only_taught_products_that_were_read_twice_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: Lines = (("WORD", 1.0),)
    catalogue = Catalogue.of(tiny_bundle()).with_pack(PRODUCTS[0], Printed(read=(lines, lines)))
    for label, count in (("Twice", 2), ("Once", 1), ("Four", 4)):
        catalogue = catalogue.with_product(label).with_pack(label, Printed(read=(lines,) * count))
    asked = [(catalogue.tree.products[product], photo) for product, photo in readings_of(catalogue)]
    assert sorted(asked) == [*(("Four", i) for i in range(4)), ("Twice", 0), ("Twice", 1)]
    monkeypatch.setattr(room, "MOST_READINGS", 3)
    assert len(set(readings_of(catalogue))) == 3


def shelf(noise: int, others: tuple[tuple[int, int, int], ...]) -> Catalogue:
    """Products of noisy colours, four photos each."""
    catalogue = Catalogue.of(tiny_bundle()).emptied()
    for number, colour in enumerate(others):
        photos = np.stack([cells(noisy_photo(colour, 10 * number + i, noise)) for i in range(4)])
        catalogue = teach(catalogue, f"Shelf/{number}", photos)
    return catalogue


def cells(photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means of 4 x 4 cells, a unit row."""
    row = photo.reshape(4, 10, 4, 10, 3).mean(axis=(1, 3)).transpose(2, 0, 1).ravel() / 255 - 0.5
    return np.asarray(row / np.linalg.norm(row), np.float32)


def test_a_pantry_of_things_apart_is_trusted_more_than_one_of_look_alikes() -> None:
    apart = shelf(90, ((200, 90, 90), (90, 200, 90), (90, 90, 200)))
    alike = shelf(90, ((150, 120, 120), (150, 120, 122), (150, 122, 120)))
    factors = [factor_of(Likeness(known, DECISION.known_midpoint), DECISION) for known in (apart, alike)]
    assert factors[0] > 1.5 * factors[1]
    assert factor_of(Likeness(Catalogue.of(tiny_bundle()), DECISION.known_midpoint), DECISION) == 1


def test_the_best_candidate_says_whose_slope_counts() -> None:
    trust = Trust(np.array([False, True]), near=0.5)
    logits = np.array([[3, 1], [1, 3]], np.float32)
    near = np.array([2, 2], np.float32)
    expected = 0.5 * 2 + np.log(FEWEST_KNOWN)
    assert trust.by_nearness(logits, near).tolist() == pytest.approx([2, expected])
    many = Trust(np.ones(10 * STRANGE_PRODUCTS, np.bool_), near=0.5)
    assert many.of_taught(near).tolist() == pytest.approx([0.5 * 2 + np.log(10)] * 2)
    nothing = Trust(np.empty(0, np.bool_), near=1.0)
    assert nothing.by_nearness(np.empty((2, 0), np.float32), near).tolist() == [2, 2]
