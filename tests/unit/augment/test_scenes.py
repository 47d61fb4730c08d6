from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shibuya_optics.augment import CutOut, Studio, ViewOptions, cut_out, random_scene
from shibuya_optics.augment.backdrops import backdrop
from shibuya_optics.augment.scenes import SCENES
from shibuya_optics.augment.studio import Sprite
from shibuya_optics.contract import Pixels

SCENIC = ViewOptions(background=1.0)
# A colour that nothing rendered has: where it is seen, there is the product.
MAGENTA = (230, 0, 200)


def cut_of(photo: Pixels, colour: tuple[int, int, int] | None = None) -> CutOut:
    studio = Studio.of(photo)
    assert studio.cut is not None
    if colour is None:
        return studio.cut
    mask = cut_out(photo)
    assert mask is not None
    return CutOut.of(np.full_like(photo, colour), mask)


def share_of(scene: Pixels, colour: tuple[int, int, int]) -> float:
    """The share of a scene whose hue is a colour's, in whatever light."""
    light = scene.astype(float) / np.maximum(scene.sum(axis=2, keepdims=True), 1)
    return float((np.abs(light - np.array(colour) / sum(colour)).max(axis=2) < 0.06).mean())


@pytest.mark.parametrize("size", [64, 97, 224])
def test_a_scene_is_a_square_of_its_size(pack: Pixels, fruit: Pixels, size: int) -> None:
    for seed, photo in enumerate((pack, fruit) * 6):
        scene = random_scene(cut_of(photo), size, SCENIC, np.random.default_rng(seed))
        assert scene.dtype == np.uint8
        assert scene.shape == (size, size, 3)


def test_the_same_seed_gives_the_same_scene_and_another_seed_another(fruit: Pixels) -> None:
    scenes = [random_scene(cut_of(fruit), 96, SCENIC, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert np.array_equal(scenes[0], scenes[1])
    assert not np.array_equal(scenes[0], scenes[2])


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("boxy", [True, False])
def test_the_product_is_seen_in_every_scene(
    kind: int, boxy: bool, pack: Pixels, fruit: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances = tuple(float(place == kind) for place in range(3))
    monkeypatch.setitem(SCENES, boxy, chances)
    cut = cut_of(pack if boxy else fruit, MAGENTA)
    other = Studio.of(fruit)
    for seed in range(25):
        scene = random_scene(cut, 112, SCENIC, np.random.default_rng(seed), [other])
        assert share_of(scene, MAGENTA) > 0.04


def test_most_copies_of_one_means_one(fruit: Pixels) -> None:
    cut = cut_of(fruit, MAGENTA)
    one = replace(SCENIC, copies=(1, 1), tilt=0.0)
    shares = [share_of(random_scene(cut, 96, one, np.random.default_rng(seed)), MAGENTA) for seed in range(10)]
    assert min(shares) > 0.1


def test_more_copies_are_smaller_ones(fruit: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCENES, False, (1.0, 0.0, 0.0))
    laid: list[int] = []
    lay = Sprite.lay

    def counted(self: Sprite, scene: Pixels, place: tuple[int, int], gain: float = 1.0) -> None:
        laid.append(self.colours.shape[1])
        lay(self, scene, place, gain)

    monkeypatch.setattr(Sprite, "lay", counted)
    sides = []
    for copies in ((6, 8), (60, 80)):
        laid.clear()
        for seed in range(5):
            random_scene(cut_of(fruit), 112, replace(SCENIC, copies=copies), np.random.default_rng(seed))
        sides.append((np.mean(laid), len(laid)))
    assert sides[0][0] > 2 * sides[1][0]
    assert sides[0][1] < sides[1][1]


def test_neighbours_are_seen_beside_the_product(pack: Pixels, fruit: Pixels) -> None:
    beside = Studio(fruit, cut_of(fruit, MAGENTA))
    seen = [
        share_of(random_scene(cut_of(pack, (60, 60, 60)), 112, SCENIC, np.random.default_rng(seed), [beside]), MAGENTA)
        for seed in range(30)
    ]
    assert sum(share > 0.02 for share in seen) >= 8


def test_given_photos_serve_as_backdrops() -> None:
    photo = np.full((300, 200, 3), MAGENTA, np.uint8)
    shown = [share_of(backdrop(64, np.random.default_rng(seed), [photo]), MAGENTA) > 0.99 for seed in range(40)]
    assert 10 <= sum(shown) <= 30


def test_rendered_backdrops_differ() -> None:
    drawn = [backdrop(64, np.random.default_rng(seed)) for seed in range(30)]
    assert all(picture.shape == (64, 64, 3) for picture in drawn)
    assert len({picture.tobytes() for picture in drawn}) == 30
    assert len({int(picture.mean()) // 16 for picture in drawn}) >= 5
