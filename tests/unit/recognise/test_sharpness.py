from __future__ import annotations

import numpy as np
import pytest
from tiny_bundle import DECISION, noisy_photo, tiny_bundle, vector_of

from shibuya_optics import Recogniser
from shibuya_optics.recognise.catalogue import Catalogue, teach
from shibuya_optics.recognise.likeness import Likeness
from shibuya_optics.recognise.sharpness import (
    TEMPERATURES,
    cosines_without_themselves,
    sharpened,
    taught_photos,
    taught_sharpness,
)

COLOURS = {
    "Sun": [(250, 250, 5), (250, 230, 60), (215, 250, 20)],
    "Sky": [(90, 200, 250), (60, 220, 240), (120, 190, 255)],
}


@pytest.fixture
def catalogue() -> Catalogue:
    known = Catalogue.of(tiny_bundle())
    for label, colours in COLOURS.items():
        known = teach(known, label, np.stack([vector_of(colour) for colour in colours]))
    return known


def slow_cosines(catalogue: Catalogue) -> np.ndarray:
    """Each taught photo against a catalogue that was taught all but it."""
    rows = []
    for label, colours in sorted(COLOURS.items()):
        for out in range(len(colours)):
            known = Catalogue.of(tiny_bundle())
            for other, all_colours in COLOURS.items():
                kept = [c for i, c in enumerate(all_colours) if (other, i) != (label, out)]
                known = teach(known, other, np.stack([vector_of(colour) for colour in kept]))
            rows.append(known.prototypes @ vector_of(colours[out]))
    assert catalogue.tree == known.tree
    return np.stack(rows)


def test_a_taught_photo_is_asked_for_by_what_the_others_taught(catalogue: Catalogue) -> None:
    photos = taught_photos(catalogue)
    assert photos.products.tolist() == [5, 5, 5, 4, 4, 4]
    found = cosines_without_themselves(Likeness(catalogue, 0.5), photos)
    own = np.arange(6), photos.products
    np.testing.assert_allclose(found[own], slow_cosines(catalogue)[own], atol=2e-3)


def test_sharpness_is_the_square_root_of_what_lowers_the_loss_most(catalogue: Catalogue) -> None:
    photos = taught_photos(catalogue)
    logits = DECISION.scale * cosines_without_themselves(Likeness(catalogue, 0.5), photos).astype(np.float64)
    losses = []
    for temperature in TEMPERATURES:
        shares = np.exp(logits / temperature) / np.exp(logits / temperature).sum(axis=1, keepdims=True)
        losses.append(-np.log(shares[np.arange(6), photos.products]).mean())
    best = TEMPERATURES[int(np.argmin(losses))]
    assert taught_sharpness(Likeness(catalogue, 0.5), DECISION) == pytest.approx((1 / best) ** 0.5)


def test_only_photos_whose_best_candidate_was_taught_are_sharpened_and_the_order_stays(catalogue: Catalogue) -> None:
    logits = np.random.default_rng(0).normal(0, 3, (50, 6)).astype(np.float32)
    sharp = sharpened(logits, catalogue.was_taught, 2.0)
    taught = logits.argmax(axis=1) >= 4
    assert 0 < taught.sum() < 50
    np.testing.assert_array_equal(sharp[~taught], logits[~taught])
    np.testing.assert_array_equal(sharp[taught], 2 * logits[taught])
    assert sharpened(logits, catalogue.was_taught, 1.0) is logits


def test_where_nothing_was_taught_from_two_photos_all_stays() -> None:
    learned = Catalogue.of(tiny_bundle())
    assert taught_sharpness(Likeness(learned, 0.5), DECISION) == 1
    once = teach(learned, "Sun", vector_of((250, 250, 5))[None])
    assert taught_sharpness(Likeness(once, 0.5), DECISION) == 1


def test_answers_to_learned_products_keep_their_confidence() -> None:
    recogniser = Recogniser(tiny_bundle())
    before = recogniser.identify(noisy_photo((10, 250, 10), 1))
    recogniser.teach("Sun", [noisy_photo((250, 250, 10), seed, noise=90) for seed in range(5)], read=False)
    after = recogniser.identify(noisy_photo((10, 250, 10), 1))
    assert (after.label, after.known) == (before.label, before.known)
    assert after.confidence == pytest.approx(before.confidence, abs=0.05)
