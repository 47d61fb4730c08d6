from __future__ import annotations

import pickle

import numpy as np

from shibuya_optics.augment import CutOut, Studio
from shibuya_optics.contract import Pixels

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def cut_of(photo: Pixels) -> CutOut:
    studio = Studio.of(photo)
    assert studio.cut is not None
    return studio.cut


def test_a_photo_without_a_plain_background_has_nothing_cut_out(textured: Pixels) -> None:
    studio = Studio.of(textured)
    assert studio.cut is None
    assert studio.photo is textured


def test_packs_and_fruits_are_told_apart(pack: Pixels, fruit: Pixels) -> None:
    assert cut_of(pack).boxy
    assert not cut_of(fruit).boxy


def test_pasted_at_its_own_size_the_product_looks_as_it_did(pack: Pixels) -> None:
    cut = cut_of(pack)
    scene = np.full((cut.height + 40, cut.width + 40, 3), 200, np.uint8)
    cut.paste(scene, SQUARE * (cut.width, cut.height) + 20)
    middle = scene[20 + cut.height // 2, 20 + cut.width // 2]
    top, left = ((whole - part) // 2 for whole, part in zip(cut.layers[0].shape, (cut.height, cut.width), strict=False))
    own = cut.layers[0][top + cut.height // 2, left + cut.width // 2, :3]
    assert np.abs(middle.astype(int) - own).max() <= 1


def test_the_background_around_it_is_darkened_near_and_left_alone_far_off(fruit: Pixels) -> None:
    cut = cut_of(fruit)
    scene = np.full((400, 400, 3), 200, np.uint8)
    cut.paste(scene, SQUARE * (cut.width, cut.height) + 120)
    above = scene[120 - 4, 120 + cut.width // 2]
    assert above.max() < 190
    assert (scene[:60] == 200).all()


def test_gain_makes_it_lighter_and_darker(fruit: Pixels) -> None:
    cut = cut_of(fruit)
    light = []
    for gain in (0.5, 1.0):
        scene = np.zeros((300, 300, 3), np.uint8)
        cut.paste(scene, SQUARE * 200 + 50, gain)
        light.append(scene.mean())
    assert abs(light[0] / light[1] - 0.5) < 0.02


def test_shrunk_it_does_not_alias(fruit: Pixels) -> None:
    striped = fruit.copy()
    inside = (np.abs(fruit.astype(int) - fruit[0, 0]) > 20).any(axis=2)
    rows = np.broadcast_to(np.arange(fruit.shape[0])[:, None] % 2 == 0, inside.shape)
    striped[inside & rows], striped[inside & ~rows] = 0, 200
    cut = cut_of(striped)
    for side in (14, 23, 31):
        scene = np.full((80, 80, 3), 100, np.uint8)
        cut.paste(scene, SQUARE * (side, side * cut.height / cut.width) + 20)
        centre = scene[20 + side // 2 : 22 + side // 2, 20 + side // 2 - 2 : 22 + side // 2]
        assert np.ptp(centre.astype(int)) < 70


def test_a_sprite_laid_twice_is_the_product_pasted_twice(pack: Pixels) -> None:
    cut = cut_of(pack)
    corners = SQUARE * (50, 80)
    laid, pasted = (np.full((200, 200, 3), 150, np.uint8) for _ in range(2))
    sprite = cut.drawn(corners)
    for place in ((20, 30), (60, 70)):
        sprite.lay(laid, place, 0.9)
        cut.paste(pasted, corners + place, 0.9)
    assert np.abs(laid.astype(int) - pasted).max() <= 2


def test_it_may_reach_beyond_the_scene_or_lie_wholly_outside(fruit: Pixels) -> None:
    cut = cut_of(fruit)
    scene = np.full((100, 100, 3), 7, np.uint8)
    cut.paste(scene, SQUARE * 50 + 400)
    assert (scene == 7).all()
    cut.paste(scene, SQUARE * 90 - 45)
    assert (scene[:30, :30] != 7).any()
    assert (scene[80:, 80:] == 7).all()


def test_a_studio_travels_to_another_process(pack: Pixels) -> None:
    studio = Studio.of(pack)
    back = pickle.loads(pickle.dumps(studio))  # noqa: S301 - what was pickled a line before
    assert np.array_equal(back.photo, studio.photo)
    assert all(np.array_equal(a, b) for a, b in zip(back.cut.layers, cut_of(pack).layers, strict=True))
