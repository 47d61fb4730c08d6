from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.augment import cut_mix, mix_up


def test_mix_up_draws_a_permutation_and_a_weight_of_at_least_a_half() -> None:
    draws = [mix_up(8, 0.4, np.random.default_rng(seed)) for seed in range(50)]
    assert all(sorted(partners.tolist()) == list(range(8)) for partners, _ in draws)
    assert all(0.5 <= weight <= 1 for _, weight in draws)
    assert len({weight for _, weight in draws}) > 40


def test_mix_up_of_nothing_leaves_photos_alone() -> None:
    partners, weight = mix_up(4, 0, np.random.default_rng(0))
    assert partners.tolist() == [0, 1, 2, 3]
    assert weight == 1


def test_cut_mix_weighs_by_the_area_that_a_photo_keeps() -> None:
    weights = []
    for seed in range(100):
        partners, (top, bottom, left, right), weight = cut_mix(8, 50, 1.0, np.random.default_rng(seed))
        assert sorted(partners.tolist()) == list(range(8))
        assert 0 <= top <= bottom <= 50
        assert 0 <= left <= right <= 50
        photos = np.zeros((8, 3, 50, 50))
        photos[:, :, top:bottom, left:right] = 1
        assert photos.mean() == pytest.approx(1 - weight, abs=1e-12)
        weights.append(weight)
    assert min(weights) < 0.3
    assert max(weights) > 0.95


def test_cut_mix_of_nothing_leaves_photos_alone() -> None:
    partners, box, weight = cut_mix(4, 50, 0, np.random.default_rng(0))
    assert partners.tolist() == [0, 1, 2, 3]
    assert box == (0, 0, 0, 0)
    assert weight == 1


def test_the_same_seed_draws_the_same_box() -> None:
    first, second, third = (cut_mix(8, 224, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.box == second.box != third.box
