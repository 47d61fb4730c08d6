from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product, pantry, render
from shibuya_optics.demo.camera import aimed
from shibuya_optics.demo.clutter import clutter, pantry_of_others
from shibuya_optics.demo.kinds import KINDS
from shibuya_optics.demo.packs import overall_height, stand
from shibuya_optics.demo.scenes import _arranged
from shibuya_optics.demo.shadows import hull, shadows
from shibuya_optics.errors import InputError

SMALL = (96, 72)


@pytest.fixture(scope="module")
def shapes() -> dict[str, Product]:
    """A product of each pack shape."""
    return {product.kind.shape: product for product in pantry(len(KINDS) * 2, 1)}


def difference(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.mark.parametrize("size", [SMALL, (72, 96), (64, 64)])
def test_a_photo_is_rgb_of_the_size_asked_for(shapes: dict[str, Product], size: tuple[int, int]) -> None:
    for product in shapes.values():
        photo = render(product, 0, size)
        assert photo.shape == (size[1], size[0], 3)
        assert photo.dtype == np.uint8
        assert photo.flags.c_contiguous
        assert photo.flags.writeable
        assert photo.std() > 15


def test_the_default_size_is_that_of_a_small_phone_photo() -> None:
    assert render(pantry(1)[0], 0).shape == (480, 640, 3)


def test_the_same_product_and_seed_give_the_same_pixels_in_another_process() -> None:
    program = (
        "import hashlib; from shibuya_optics.demo import pantry, render;"
        f"print(hashlib.sha256(render(pantry(3)[2], 5, {SMALL}).tobytes()).hexdigest())"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert (render(pantry(3)[2], 5, SMALL) == render(pantry(3)[2], 5, SMALL)).all()


def test_another_seed_gives_another_photo_of_the_product() -> None:
    product = pantry(1)[0]
    photos = [render(product, seed, SMALL) for seed in range(4)]
    assert min(difference(a, b) for i, a in enumerate(photos) for b in photos[:i]) > 10


def test_global_randomness_plays_no_part() -> None:
    product = pantry(1)[0]
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002 - to see it left alone
    render(product, 3, SMALL)
    assert (np.random.get_state()[1] == before).all()  # type: ignore[index]  # noqa: NPY002 - as above


@pytest.mark.parametrize("shape", ["box", "carton", "tin", "jar", "tub"])
def test_the_pack_is_whole_and_large_in_nearly_every_photo(shapes: dict[str, Product], shape: str) -> None:
    whole = 0
    for seed in range(40):
        scene = _arranged(shapes[shape], np.random.default_rng(seed), (640, 480))
        outline = scene.camera.project(np.concatenate([part.outline() for part in scene.pack]))
        assert np.ptp(outline[:, :2], axis=0).max() > 0.45 * 480
        assert outline[:, 2].min() > 0
        whole += bool((outline[:, :2] > 0).all() and (outline[:, 0] < 640).all() and (outline[:, 1] < 480).all())
    assert whole >= 34


def test_the_packs_own_colours_fill_the_middle() -> None:
    """Two plain packs, one red and one blue, are red and blue in the middle of every photo."""
    plain = pantry(1)[0]
    for channel, colour in ((0, (220, 20, 20)), (2, (20, 20, 220))):
        palette = type(plain.palette)(colour, colour, colour, colour)
        product = Product(plain.label, KINDS[0], palette, "band", "bold", plain.claim)
        for seed in range(6):
            middle = render(product, seed, (160, 120))[50:75, 65:95].reshape(-1, 3).astype(int)
            strongest = np.argmax(middle, axis=1) == channel
            assert strongest.mean() > 0.6


def test_a_cartons_gable_counts_for_its_height(shapes: dict[str, Product]) -> None:
    carton, tin = shapes["carton"], shapes["tin"]
    assert overall_height(carton) == pytest.approx(carton.kind.size[2] + 0.64 * carton.kind.size[1])
    assert overall_height(tin) == tin.kind.size[2]
    scene = _arranged(carton, np.random.default_rng(0), SMALL)
    heights = np.concatenate([part.outline() for part in scene.pack])[:, 1]
    assert heights.max() == pytest.approx(overall_height(carton))
    assert heights.min() == pytest.approx(0)


def test_what_stands_about_is_none_of_the_demos_products() -> None:
    for seed in range(5):
        assert not set(pantry(24, seed)) & set(pantry_of_others())


def test_packs_on_a_shelf_do_not_run_into_the_product(shapes: dict[str, Product]) -> None:
    for seed, product in enumerate(shapes.values()):
        width, _, height = product.kind.size
        packs = clutter(np.random.default_rng(seed), product, -40.0, height, shelf=True)
        depths = [pack[0].outline()[:, 2].mean() for pack in packs]
        assert np.all(np.diff(depths) > -8)  # the farther first, give or take half a pack
        for pack in packs:
            outline = np.concatenate([part.outline() for part in pack])
            if outline[:, 2].max() > -width / 2:
                assert np.abs(outline[:, 0]).min() > width / 2


def test_the_shadow_falls_away_from_the_window(shapes: dict[str, Product]) -> None:
    tin = shapes["tin"]
    width, _, height = tin.kind.size
    camera = aimed(np.array([0.0, 2 * height, 6 * width]), np.array([0.0, 0.3 * height, 0.0]), 0.0, 300.0, (320, 240))
    direction = np.array([-0.7, 0.6, 0.2], np.float32)
    kept = np.asarray(shadows([stand(tin, np.zeros(3), 0.0)], camera, direction), int)
    left, right = camera.project(np.array([[-0.9 * width, 0, 0], [0.9 * width, 0, 0]]))[:, :2].astype(int)
    assert kept[left[1], left[0]] > 245
    assert kept[right[1], right[0]] < 210


def test_a_hull_holds_every_point_and_is_made_of_them() -> None:
    points = np.random.default_rng(2).normal(0, 10, (60, 2))
    corners = hull(points)
    assert {tuple(corner) for corner in corners} <= {tuple(point) for point in points}
    edges = np.roll(corners, -1, axis=0) - corners
    relative = points[:, None] - corners
    inside = edges[:, 0] * relative[..., 1] - edges[:, 1] * relative[..., 0]
    assert inside.min() > -2.0


@pytest.mark.parametrize(("seed", "size"), [(0, (31, 100)), (0, (100, 8)), (-1, SMALL)])
def test_a_photo_too_small_or_a_negative_seed_is_refused(seed: int, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="give sides of 32 px or more, and seed 0 or more"):
        render(pantry(1)[0], seed, size)
