from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_bundle import DECISION, noisy_photo, tiny_bundle, vector_of

from shibuya_optics import Recogniser
from shibuya_optics.bundle import Bundle
from shibuya_optics.recognise.answer.answering import Answering
from shibuya_optics.recognise.answer.taught_logits import (
    FACTORS,
    RESERVES,
    Photos,
    TaughtLook,
    cosines_without_themselves,
    own_photos,
    taught_look,
    taught_photos,
    weighed,
)
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.shortlist import Likeness

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


def look_of(catalogue: Catalogue) -> TaughtLook:
    photos = own_photos(catalogue)
    similar = cosines_without_themselves(Likeness(catalogue, 0.5), photos)
    return taught_look(photos, similar, catalogue.was_taught, DECISION)


NEITHER, NEW, OLD = (0.0, 0.1, 0.5), (0.1, 0.2, 0.9), (0.6, 0.2, 0.4)
TAUGHT_LAST = np.array([False, False, True])


def own_cosines(rows: list[tuple[float, ...]], truth: list[int]) -> tuple[Photos, np.ndarray]:
    """Photos of two learned products and a taught one, by their cosines alone."""
    count = len(truth)
    return Photos(np.zeros((count, 1), np.float32), np.array(truth, np.int32), np.zeros(count, np.float32)), np.array(
        rows, np.float32
    )


def test_sharpness_is_the_square_root_of_what_lowers_the_loss_most() -> None:
    photos, similar = own_cosines([(0.1, 0.2, 0.35), (0.3, 0.1, 0.4), (0.35, 0.2, 0.3)], [2, 2, 2])
    losses = []
    for factor in FACTORS:
        powers = np.exp(factor * DECISION.scale * similar.astype(np.float64))
        losses.append(-np.log(powers[:, 2] / powers.sum(axis=1)).mean())
    best = FACTORS[int(np.argmin(losses))]
    assert abs(best - 1) > 0.1
    look = taught_look(photos, similar, TAUGHT_LAST, DECISION)
    assert look.reserve == 0
    assert look.sharpness == pytest.approx(best**0.5)


def test_the_reserve_is_half_of_what_lowers_the_loss_most_of_photos_held_out_and_taught_ones() -> None:
    photos, similar = own_cosines([(0.5, 0.1, 0.6), (0.1, 0.5, 0.55), OLD, NEW, NEW], [0, 1, 0, 2, 2])
    losses = []
    for reserve in RESERVES:
        logits = DECISION.scale * similar.astype(np.float64) - reserve * TAUGHT_LAST
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        losses.append(-np.log(shares[np.arange(5), photos.products]).sum() + reserve**2 / 2)
    best = RESERVES[int(np.argmin(losses))]
    assert best > 1
    assert taught_look(photos, similar, TAUGHT_LAST, DECISION).reserve == pytest.approx(best / 2)


def test_nothing_is_held_back_where_taught_products_take_nothing_from_learned_ones() -> None:
    photos, similar = own_cosines([(0.9, 0.1, 0.0), (0.1, 0.9, 0.0), NEW, NEITHER], [0, 1, 2, 2])
    assert taught_look(photos, similar, TAUGHT_LAST, DECISION).reserve == 0
    assert taught_look(photos, similar, ~TAUGHT_LAST & TAUGHT_LAST, DECISION) == TaughtLook()
    assert taught_look(photos, similar, TAUGHT_LAST | True, DECISION).reserve == 0


def test_photos_whose_best_is_learned_keep_all_but_the_reserve_and_others_are_sharpened() -> None:
    taught = np.arange(6) >= 4
    logits = np.random.default_rng(0).normal(0, 3, (50, 6)).astype(np.float32)
    found = weighed(logits, taught, TaughtLook(1.5, 2.0))
    held_back = logits - np.float32(1.5) * taught
    best_taught = held_back.argmax(axis=1) >= 4
    assert 0 < best_taught.sum() < (logits.argmax(axis=1) >= 4).sum()
    np.testing.assert_array_equal(found[~best_taught], held_back[~best_taught])
    np.testing.assert_array_equal(found[best_taught], 2 * held_back[best_taught])
    was_learned = logits.argmax(axis=1) < 4
    np.testing.assert_array_equal(found[was_learned].argmax(axis=1), logits[was_learned].argmax(axis=1))
    assert weighed(logits, taught, TaughtLook()) is logits
    assert weighed(logits, np.zeros(6, np.bool_), TaughtLook(1.5, 2.0)) is logits


def test_where_nothing_was_taught_from_two_photos_all_stays() -> None:
    learned = Catalogue.of(tiny_bundle())
    assert look_of(learned) == TaughtLook()
    assert look_of(teach(learned, "Sun", vector_of((250, 250, 5))[None])) == TaughtLook()


def test_a_product_that_looks_like_learned_ones_takes_fewer_of_their_photos_and_answers_still_follow_it() -> None:
    bundle = tiny_bundle()
    greens = [(40, 250, 30), (80, 250, 30), (110, 240, 20), (120, 250, 10)]
    held_out = np.stack([vector_of(colour) for colour in greens]).astype(np.float16)
    product = bundle.tree.id_of("Dairy/Milk/Green")
    cautious = replace(bundle, held_out=held_out, held_out_products=np.full(len(greens), product, np.int32))
    limes = np.stack([vector_of(colour) for colour in [(150, 250, 10), (170, 240, 30), (160, 250, 40)]])

    def answering(known: Bundle) -> Answering:
        return Answering(teach(Catalogue.of(known), "Lime", limes), known, 0.9)

    before, after = answering(bundle), answering(cautious)
    assert before.taught_look.reserve == 0 < after.taught_look.reserve
    between = np.stack([vector_of((red, 250, 20)) for red in range(0, 200, 2)])
    lime = before.catalogue.tree.id_of("Lime")
    named = [one.by_look(between).logits.argmax(axis=1) == lime for one in (before, after)]
    assert 0 < named[1].sum() < named[0].sum()
    assert after.by_look(limes).logits.argmax(axis=1).tolist() == [lime] * 3


def test_answers_to_learned_products_keep_their_confidence() -> None:
    recogniser = Recogniser(tiny_bundle())
    before = recogniser.identify(noisy_photo((10, 250, 10), 1))
    recogniser.teach("Sun", [noisy_photo((250, 250, 10), seed, noise=90) for seed in range(5)], read=False)
    after = recogniser.identify(noisy_photo((10, 250, 10), 1))
    assert (after.label, after.known) == (before.label, before.known)
    assert after.confidence == pytest.approx(before.confidence, abs=0.05)
