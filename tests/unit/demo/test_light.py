from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.demo.camera import Floats, unit
from shibuya_optics.demo.light import Finish, Light

TOWARDS = np.array([0.6, 0.8, 0.0], np.float32)


@pytest.fixture
def light() -> Light:
    return Light(TOWARDS, key=0.7, ambient=0.4, pane=(0.2, 0.3))


def vector(*numbers: float) -> Floats:
    return np.array(numbers, np.float32)


def test_a_surface_is_brightest_when_it_faces_the_window(light: Light) -> None:
    gains = [float(light.gain(vector(*normal))) for normal in ((0.6, 0.8, 0), (0, 1, 0), (0, 0, 1), (-0.6, -0.8, 0))]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == pytest.approx(0.4 * 0.96 + 0.7)
    assert gains[-1] == pytest.approx(0.4 * (0.8 - 0.16))


def test_the_room_has_one_window(light: Light) -> None:
    beside, behind = vector(-0.8, 0.6, 0.0), -TOWARDS
    pane_without_bar = TOWARDS + 0.12 * vector(0, 0, 1)
    assert light.room(pane_without_bar) > 4
    assert max(light.room(beside), light.room(behind)) < 0.7


def test_gloss_mirrors_the_window_where_the_angle_is_right(light: Light) -> None:
    ray = vector(0, 0, -1)
    halfway = unit(TOWARDS + np.float32(0.12) * vector(0, 0, 1) - ray)
    glossy, matt = Finish(gloss=0.1), Finish(gloss=0.0)
    assert light.mirrored(halfway, ray, glossy) > 4 * light.mirrored(vector(0, 0, 1), ray, glossy)
    assert light.mirrored(vector(0, 0, 1), ray, matt) == pytest.approx(0, abs=1e-6)
