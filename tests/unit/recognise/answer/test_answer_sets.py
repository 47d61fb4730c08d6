from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_bundle import DECISION, noisy_photo, tiny_bundle, vector_of

from shibuya_optics import Recogniser
from shibuya_optics.errors import InputError
from shibuya_optics.recognise.answer.answer_sets import (
    Calibration,
    answer_sets,
    calibration_of,
    photos_needed,
    surprise,
    surprises,
)
from shibuya_optics.recognise.answer.taught_logits import cosines_without_themselves, own_photos
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import forget, teach
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.softmax import probabilities

PRODUCTS = 6


def draws(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths drawn from their softmax."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (count, PRODUCTS)).astype(np.float32)
    truth = np.array([rng.choice(PRODUCTS, p=row / row.sum()) for row in probabilities(logits).astype(np.float64)])
    return logits, truth


def calibration(count: int, seed: int) -> Calibration:
    logits, truth = draws(count, seed)
    return Calibration(surprises(logits)[np.arange(count), truth], truth.astype(np.int32))


def test_surprise_is_what_all_likelier_products_have() -> None:
    logits = np.log(np.array([[0.2, 0.5, 0.3]], np.float32))
    assert surprises(logits)[0].tolist() == pytest.approx([0.8, 0, 0.5], abs=1e-6)


def test_the_surprise_of_one_product_is_that_of_all() -> None:
    logits = np.round(np.random.default_rng(3).normal(0, 3, (40, PRODUCTS))).astype(np.float32)
    assert any(len(set(row.tolist())) < PRODUCTS for row in logits)
    for row, of_all in zip(logits, surprises(logits), strict=True):
        assert [surprise(row, product) for product in range(PRODUCTS)] == pytest.approx(of_all.tolist(), abs=1e-6)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_sets_hold_the_truth_as_often_as_they_promise(coverage: float) -> None:
    logits, truth = draws(4000, 1)
    limits = calibration(2000, 0).limits(PRODUCTS, coverage)
    inside = answer_sets(logits, limits)
    assert inside[np.arange(4000), truth].mean() == pytest.approx(coverage, abs=0.02)
    assert inside.sum(axis=1).mean() < PRODUCTS - 1


@given(seed=st.integers(0, 2**31), coverage=st.floats(0.5, 0.9))
def test_more_coverage_never_takes_a_product_out(seed: int, coverage: float) -> None:
    logits, _ = draws(20, seed)
    own = calibration(200, seed + 1)
    small, large = (answer_sets(logits, own.limits(PRODUCTS, asked)) for asked in (coverage, 0.95))
    assert (small <= large).all()
    assert small.any(axis=1).all()


def test_a_product_with_photos_enough_has_its_own_limit() -> None:
    hard = Calibration(np.array([0.0] * 60 + [0.9] * 20, np.float32), np.array([0] * 60 + [1] * 20, np.int32)).limits(
        3, 0.9
    )
    assert hard.tolist() == pytest.approx([0, 0.9, 0.9])


@pytest.mark.parametrize(("coverage", "needed"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_so_many_photos_are_needed(coverage: float, needed: int) -> None:
    assert photos_needed(coverage) == needed
    assert calibration(needed, 0).limits(PRODUCTS, coverage).shape == (PRODUCTS,)
    if needed > 1:
        with pytest.raises(InputError, match=f"at least {needed} calibration photos are needed .* {coverage:.0%}"):
            calibration(needed - 1, 0).limits(PRODUCTS, coverage)


@pytest.mark.parametrize("coverage", [0.0, 1.0, -1.0, 2.0])
def test_a_coverage_is_a_share(coverage: float) -> None:
    with pytest.raises(InputError, match="give a share between 0 and 1"):
        photos_needed(coverage)


def calibrated(catalogue: Catalogue) -> Calibration:
    photos = own_photos(catalogue)
    return calibration_of(
        DECISION.scale * cosines_without_themselves(Likeness(catalogue, 0.5), photos), photos.products
    )


def test_a_taught_photo_is_calibrated_on_without_what_it_taught_itself() -> None:
    colours = [(250, 250, 5), (250, 240, 40), (235, 250, 20)]
    photos = np.stack([vector_of(colour) for colour in colours])
    catalogue = teach(Catalogue.of(tiny_bundle()), "Sun", photos)
    measured = calibrated(catalogue)
    assert measured.products.tolist() == [4, 4, 4]
    for row, said in enumerate(measured.surprises):
        others = teach(Catalogue.of(tiny_bundle()), "Sun", np.delete(photos, row, axis=0))
        logits = (DECISION.scale * photos[row : row + 1] @ others.prototypes.T).astype(np.float32)
        assert said == pytest.approx(float(surprises(logits)[0, 4]), abs=1e-3)


def test_held_out_photos_go_with_their_product() -> None:
    bundle = tiny_bundle()
    looks = np.stack([vector_of((250, 10, 10)), vector_of((10, 10, 250))]).astype(np.float16)
    catalogue = Catalogue.of(bundle.__class__(**(bundle.__dict__ | {
        "held_out": looks, "held_out_products": np.array([0, 3], np.int32),
    })))  # fmt: skip
    assert calibrated(catalogue).products.tolist() == [0, 3]
    less = forget(catalogue, "Dairy/Butter/Red")
    assert calibrated(less).products.tolist() == [2]
    assert less.tree.products[2] == "Blue"


def test_the_recogniser_says_plainly_why_there_is_no_set() -> None:
    recogniser = Recogniser(tiny_bundle(), coverage=0.95)
    assert recogniser.identify(noisy_photo((250, 10, 10), 1)).answer_set == ()
    assert "at least 19 calibration photos are needed for answer sets of 95%" in str(recogniser.coverage_warning)
    recogniser.teach("Sun", [noisy_photo((250, 250, 10), seed) for seed in range(20)], read=False)
    assert recogniser.coverage_warning is None
    assert recogniser.identify(noisy_photo((250, 250, 10), 99)).answer_set == ("Sun",)
    with pytest.raises(InputError, match="coverage"):
        Recogniser(tiny_bundle(), coverage=1)
