from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.demo.camera import Camera, aimed

TARGET = np.array([1.0, 4.0, -2.0])


@pytest.fixture
def camera() -> Camera:
    return aimed(np.array([5.0, 12.0, 40.0]), TARGET, 0.1, 300.0, (320, 240))


def test_the_target_is_in_the_middle_of_the_photo(camera: Camera) -> None:
    x, y, depth = camera.project(TARGET[None])[0]
    assert (x, y) == pytest.approx((160, 120))
    assert depth == pytest.approx(np.linalg.norm(camera.position - TARGET))


def test_right_is_right_and_up_is_up() -> None:
    level = aimed(np.array([0.0, 5.0, 50.0]), np.array([0.0, 5.0, 0.0]), 0.0, 300.0, (320, 240))
    x, y, _ = level.project(np.array([[3.0, 7.0, 0.0]]))[0]
    assert x == pytest.approx(160 + 300 * 3 / 50)
    assert y == pytest.approx(120 - 300 * 2 / 50)


def test_axes_are_unit_vectors_at_right_angles(camera: Camera) -> None:
    np.testing.assert_allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-12)


def test_a_place_along_a_ray_is_seen_where_the_ray_leaves(camera: Camera) -> None:
    rays = camera.rays(100, 50, 140, 70)
    assert rays.shape == (20, 40, 3)
    seen = camera.project(camera.position + 7.0 * rays[[3], [11]])[0]
    assert seen[:2] == pytest.approx((100 + 11.5, 50 + 3.5), abs=1e-3)


def test_a_coarse_grid_of_rays_covers_the_same_window(camera: Camera) -> None:
    coarse = camera.rays(0, 0, 320, 240, steps=4)
    assert coarse.shape == (4, 4, 3)
    seen = camera.project(camera.position + coarse[[0], [3]])[0]
    assert seen[:2] == pytest.approx((280, 30), abs=1e-3)


def test_a_plane_is_seen_where_its_places_are(camera: Camera) -> None:
    origin, along_u, along_v = np.array([-3.0, 8.0, 1.0]), np.array([6.0, 0.5, 0.0]), np.array([0.0, -8.0, 1.0])
    homography = camera.plane_to_photo(origin, along_u, along_v)
    for u, v in ((0.0, 0.0), (1.0, 0.0), (0.3, 0.8)):
        seen = homography @ (u, v, 1)
        expected = camera.project((origin + u * along_u + v * along_v)[None])[0]
        assert seen[:2] / seen[2] == pytest.approx(expected[:2])


def test_a_finer_view_shows_the_same_with_more_pixels(camera: Camera) -> None:
    finer = camera.finer(2)
    assert finer.size == (640, 480)
    places = np.array([[0.0, 0.0, 0.0], [2.0, 3.0, 4.0]])
    np.testing.assert_allclose(finer.project(places)[:, :2], 2 * camera.project(places)[:, :2])
