from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shibuya_optics.demo.camera import Camera, aimed
from shibuya_optics.demo.light import Finish, Light
from shibuya_optics.demo.shadows import hull
from shibuya_optics.demo.surfaces import Panel, Shell

RED, BLUE = (255, 0, 0), (0, 0, 255)
FOOT = np.array([1.0, 0.0, -2.0])
FLAT = Light(np.array([0, 0.8, 0.6], np.float32), key=0.0, ambient=1.0, pane=(0.2, 0.2))
MATT = Finish(gloss=0.0)


@pytest.fixture
def camera() -> Camera:
    return aimed(np.array([3.0, 14.0, 40.0]), np.array([0.0, 5.0, 0.0]), 0.05, 300.0, (320, 240))


def halves() -> Image.Image:
    picture = Image.new("RGB", (200, 50), RED)
    picture.paste(BLUE, (100, 0, 200, 50))
    return picture


def painted(surface: Panel | Shell, camera: Camera, light: Light = FLAT) -> NDArray[np.uint8]:
    photo = Image.new("RGBA", camera.size, (0, 0, 0, 0))
    surface.paint(camera, light, photo)
    return np.asarray(photo)


def covered(camera: Camera, surface: Panel | Shell) -> NDArray[np.bool_]:
    """Where the outline of a surface lies in the photo; the slow obvious way."""
    mask = Image.new("1", camera.size)
    outline = camera.project(surface.outline())[:, :2]
    corners = hull(outline) if isinstance(surface, Shell) else outline
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    return np.asarray(mask)


def panel(picture: Image.Image) -> Panel:
    return Panel(np.array([-4.0, 9.0, 2.0]), np.array([8.0, 0, 1.0]), np.array([0, -8.0, 0]), picture, MATT)


def shell(turn: float, top_radius: float = 4.0) -> Shell:
    return Shell(FOOT, 1.0, 9.0, 4.0, top_radius, turn, halves(), MATT)


def test_a_panel_covers_what_lies_between_its_corners(camera: Camera) -> None:
    surface = panel(halves())
    seen = painted(surface, camera)[..., 3] > 127
    assert (seen != covered(camera, surface)).mean() < 0.01


def test_a_panel_shows_its_picture_the_right_way_round(camera: Camera) -> None:
    seen = painted(panel(halves()), camera)
    for u, colour in ((0.2, 0), (0.8, 2)):
        place = panel(halves()).origin + u * np.array([8.0, 0, 1.0]) + 0.5 * np.array([0, -8.0, 0])
        x, y, _ = camera.project(place[None])[0]
        assert np.argmax(seen[int(y), int(x), :3]) == colour


def test_a_panel_is_not_seen_from_behind(camera: Camera) -> None:
    turned = Panel(np.array([4.0, 9.0, 0]), np.array([-8.0, 0, 0]), np.array([0, -8.0, 0]), halves(), MATT)
    assert not painted(turned, camera).any()


def test_a_panel_keeps_its_transparent_parts(camera: Camera) -> None:
    picture = halves().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((200, 50)).point(lambda level: 255 * (level > 127)))
    seen = painted(panel(picture), camera)[..., 3] > 127
    assert seen.sum() == pytest.approx(painted(panel(halves()), camera)[..., 3].astype(bool).sum() / 2, rel=0.1)


def test_a_table_that_reaches_behind_the_camera_stays_below_the_horizon(camera: Camera) -> None:
    wide = np.array([400.0, 0, 0])
    table = Panel(np.array([-200.0, 0, -200.0]), wide, np.array([0, 0, 260.0]), Image.new("RGB", (64, 64), RED), MATT)
    seen = painted(table, camera)[..., 3] > 127
    edge = camera.project(np.array([[0.0, 0.0, -200.0]]))[0, 1]
    assert seen[-1].all()
    assert not seen[: int(edge) - 12].any()
    assert seen[int(edge) + 12 :].all()


@pytest.mark.parametrize("top_radius", [4.0, 2.5, 5.5])
def test_a_shell_covers_what_its_outline_encloses_but_the_open_top(camera: Camera, top_radius: float) -> None:
    surface = shell(0.0, top_radius)
    seen = painted(surface, camera)[..., 3] > 127
    inside = covered(camera, surface)
    assert not (seen & ~inside).sum() > 0.01 * inside.sum()
    assert 0.75 < (seen & inside).sum() / inside.sum() < 1


@pytest.mark.parametrize("top_radius", [4.0, 2.5, 5.5])
def test_rays_meet_a_shell_on_its_wall(camera: Camera, top_radius: float) -> None:
    surface = shell(0.0, top_radius)
    rays = camera.rays(0, 0, 320, 240)
    distance, met = surface._met(camera.position - FOOT, rays)
    places = camera.position - FOOT + distance[met][:, None] * rays[met]
    wanted = 4.0 + (top_radius - 4.0) * (places[:, 1] - 1.0) / 8.0
    np.testing.assert_allclose(np.hypot(places[:, 0], places[:, 2]), wanted, atol=1e-3)
    facing = np.sum(surface._normals(places.astype(np.float32)) * rays[met], axis=1)
    assert (facing < 1e-2).all()


def test_the_middle_of_a_shells_picture_points_where_it_is_turned(camera: Camera) -> None:
    for turn, redder in ((0.7, True), (-0.7, False)):
        seen = painted(shell(turn), camera).astype(int)
        shown = seen[..., 3] > 127
        red = (shown & (seen[..., 0] > seen[..., 2])).sum() / shown.sum()
        assert (red > 0.6) == redder
        assert (red < 0.4) != redder


def test_fine_print_is_reduced_to_an_even_tone_rather_than_flicker(camera: Camera) -> None:
    lines = np.zeros((2000, 2000, 3), np.uint8)
    lines[:, ::2] = 255
    seen = painted(panel(Image.fromarray(lines)), camera)
    tones = seen[seen[..., 3] == 255][:, 0]
    assert np.ptp(np.quantile(tones, [0.05, 0.95])) < 60


def test_light_from_the_side_shades_a_shell(camera: Camera) -> None:
    light = Light(np.array([-0.8, 0.2, 0.5657], np.float32), key=0.8, ambient=0.3, pane=(0.2, 0.2))
    surface = Shell(FOOT, 1.0, 9.0, 4.0, 4.0, 0.0, Image.new("RGB", (8, 8), (200, 200, 200)), MATT)
    seen = painted(surface, camera, light)
    columns = np.flatnonzero((seen[..., 3] > 127).any(axis=0))
    left, right = columns[len(columns) // 5], columns[-len(columns) // 5]
    middle = int(camera.project(np.array([[1.0, 5.0, 2.0]]))[0, 1])
    assert seen[middle, left, 0] > seen[middle, right, 0] + 30


def test_surfaces_are_darker_close_to_the_table(camera: Camera) -> None:
    wall = Panel(
        np.array([-4.0, 8.0, 2.0]), np.array([8.0, 0, 0]), np.array([0, -8.0, 0]), Image.new("RGB", (8, 8), RED)
    )
    seen = painted(wall, camera)
    x, top, _ = camera.project(np.array([[0.0, 7.0, 2.0]]))[0]
    _, bottom, _ = camera.project(np.array([[0.0, 0.3, 2.0]]))[0]
    assert seen[int(top), int(x), 0] > seen[int(bottom), int(x), 0] + 15
