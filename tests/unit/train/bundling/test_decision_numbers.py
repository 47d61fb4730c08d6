from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_bundle import by_look

from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, cosines
from shibuya_optics.recognise.known.kind_entropy import kind_certainty, unanimity
from shibuya_optics.recognise.known.mahalanobis import Typical, differences
from shibuya_optics.recognise.known.nearness import familiarity
from shibuya_optics.recognise.softmax import confidences
from shibuya_optics.train.bundling.decision_numbers import OutOfFold, best_temperature, measure_decision, top_label_loss

pytestmark = pytest.mark.train
PRODUCTS, SIZE = 6, 24


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def world(noise: float, photos: int = 600) -> tuple[Catalogue, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    centres = unit(rng.normal(size=(PRODUCTS, SIZE)))
    shelf = np.repeat(np.arange(PRODUCTS), 5)
    exemplars = unit(centres[shelf] + rng.normal(0, noise, (len(shelf), SIZE)))
    labels = rng.integers(0, PRODUCTS, photos)
    catalogue = Catalogue(
        tree=LabelTree(tuple(f"K/p{i}" for i in range(PRODUCTS))),
        prototypes=centres,
        prototype_weights=np.full(PRODUCTS, 10, np.float32),
        exemplars=exemplars.astype(np.float16),
        exemplar_products=shelf.astype(np.int32),
        taught=frozenset(),
        held_out=np.empty((0, SIZE), np.float16),
        held_out_products=np.empty(0, np.int32),
    )
    return catalogue, unit(centres[labels] + rng.normal(0, noise, (photos, SIZE))), labels


def typical_of(catalogue: Catalogue) -> Typical:
    rows, products, _ = catalogue.shelf
    return Typical(catalogue, differences(rows, products))


def test_the_threshold_refuses_the_share_that_was_asked_for() -> None:
    catalogue, vectors, labels = world(0.25)
    decision = measure_decision(typical_of(catalogue), 20.0, vectors, labels, refused=0.1)
    strange = familiarity(catalogue, vectors) < decision.known_midpoint
    logits = (decision.scale / decision.temperature * cosines(catalogue, vectors)).astype(np.float32)
    certain = kind_certainty(logits, catalogue.tree.kind_ids)
    torn = certain < decision.kinds_midpoint
    assert np.mean(strange | torn) == pytest.approx(0.1, abs=0.01)
    assert strange.mean() > torn.mean() > 0
    typical = typical_of(catalogue)(vectors, logits.argmax(axis=1))
    odd = unanimity(certain) + decision.typical_weight * typical < decision.learned_midpoint
    assert decision.typical_weight > 0
    assert odd.mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("scale", [5.0, 80.0])
def test_confidences_are_calibrated_whatever_scale_the_head_has(scale: float) -> None:
    catalogue, vectors, labels = world(0.45)
    decision = measure_decision(typical_of(catalogue), scale, vectors, labels, refused=0.02)
    likeness = cosines(catalogue, vectors)
    right = likeness.argmax(axis=1) == labels
    assert 0.6 < right.mean() < 0.98
    known = familiarity(catalogue, vectors)

    def error(factor: float) -> float:
        other = replace(decision, temperature=decision.temperature * factor)
        return expected_calibration_error(confidences(*by_look(likeness, known, other)).max(axis=1), right)

    assert error(1) < 0.08
    assert error(1) < min(error(0.5), error(2))


def test_top_label_loss_is_the_mean_of_minus_log() -> None:
    slowly = -(np.log(0.9) + np.log(1 - 0.8)) / 2
    assert top_label_loss(np.array([0.9, 0.8], np.float32), np.array([True, False])) == pytest.approx(slowly, abs=1e-6)


def test_the_temperature_is_found_by_the_loss_of_the_truth_and_undoes_a_scale() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 2, (4000, 5))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(5, p=row) for row in shares])
    assert best_temperature(logits, truth) == pytest.approx(1, abs=0.1)
    assert best_temperature(logits * 3, truth) == pytest.approx(3 * best_temperature(logits, truth), rel=1e-3)


def test_photos_out_of_fold_count_beside_the_held_out_ones() -> None:
    catalogue, vectors, labels = world(0.45)
    alone = measure_decision(typical_of(catalogue), 20.0, vectors, labels, 0.05)
    unsure = OutOfFold(np.tile(np.eye(PRODUCTS, dtype=np.float32) * 20, (200, 1)), np.tile([1, 2, 3, 4, 5, 0], 200))
    assert (
        measure_decision(typical_of(catalogue), 20.0, vectors, labels, 0.05, unsure).temperature > 2 * alone.temperature
    )
