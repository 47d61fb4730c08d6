from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.train.bundling.prototypes import choose_exemplars, make_prototypes


def random_rows(count: int) -> np.ndarray:
    rows = np.random.default_rng(count).normal(size=(count, 16))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_a_prototype_lies_halfway_between_direction_and_mean() -> None:
    directions, vectors = random_rows(3), random_rows(12)
    labels = np.repeat([0, 1, 2], 4)
    made = make_prototypes(directions, vectors, labels)
    for product in range(3):
        mean = vectors[labels == product].mean(axis=0)
        assert made[product] @ directions[product] == pytest.approx(
            made[product] @ mean / np.linalg.norm(mean), abs=1e-5
        )
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)


def test_exemplars_cover_each_product_from_its_middle_outwards() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.repeat([0, 1, 2, 3], [20, 15, 4, 1])
    chosen = choose_exemplars(vectors, labels, most=5)
    assert np.bincount(labels[chosen]).tolist() == [5, 5, 4, 1]
    assert len(set(chosen.tolist())) == len(chosen)
    own = np.flatnonzero(labels == 0)
    middle = own[int(np.argmax([vectors[i] @ vectors[own].mean(axis=0) for i in own]))]
    farthest = min((i for i in own if i != middle), key=lambda i: float(vectors[i] @ vectors[middle]))
    assert chosen[:2].tolist() == [middle, farthest]
