from __future__ import annotations

from dataclasses import replace

import numpy as np

from shibuya_optics.augment.occlusion import hide
from shibuya_optics.augment.options import OFF


def test_a_grey_rectangle_hides_its_share_and_nothing_else() -> None:
    options = replace(OFF, erase=1.0, erase_area=(0.1, 0.3))
    for seed in range(50):
        view = np.zeros((90, 110, 3), np.uint8)
        hide(view, options, np.random.default_rng(seed))
        hidden = view[:, :, 0] > 0
        rows, columns = np.flatnonzero(hidden.any(axis=1)), np.flatnonzero(hidden.any(axis=0))
        assert hidden.sum() == len(rows) * len(columns)
        assert len(np.unique(view[hidden])) == 1
        assert 0.09 <= hidden.mean() <= 0.31


def test_off_hides_nothing_and_a_chance_hides_now_and_then() -> None:
    hidden = 0
    for seed in range(200):
        view = np.zeros((20, 20, 3), np.uint8)
        hide(view, OFF, np.random.default_rng(seed))
        assert not view.any()
        hide(view, replace(OFF, erase=0.25), np.random.default_rng(seed))
        hidden += bool(view.any())
    assert 30 <= hidden <= 70
