from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from shibuya_optics.augment import cut_out
from shibuya_optics.augment.cutting import is_boxy
from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union."""
    inside = found > 127
    return float((inside & truth).sum() / (inside | truth).sum())


def test_the_product_is_found_with_the_white_print_on_it(studio: tuple[Pixels, np.ndarray]) -> None:
    photo, truth = studio
    mask = cut_out(photo)
    assert mask is not None
    assert mask.dtype == np.uint8
    assert mask.shape == photo.shape[:2]
    assert overlap(mask, truth) > 0.94
    assert mask[98, 76] == 255  # the middle of the label, which is as white as the background


def test_nothing_of_the_background_is_taken_along(studio: tuple[Pixels, np.ndarray]) -> None:
    photo, truth = studio
    mask = cut_out(photo)
    assert mask is not None
    beyond = cv2.erode((~truth).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert mask[beyond].max() == 0


def test_the_edge_is_soft(fruit: Pixels) -> None:
    mask = cut_out(fruit)
    assert mask is not None
    between = np.count_nonzero((mask > 20) & (mask < 235))
    outlines, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    assert between >= len(outlines[0]) / 2


def test_white_print_that_reaches_a_packs_edge_stays_on_the_pack(pack: Pixels) -> None:
    photo = pack.copy()
    photo[140:160, 95:130] = photo[0, 0]
    whole, bitten = cut_out(pack), cut_out(photo)
    assert whole is not None
    assert bitten is not None
    assert overlap(bitten, whole > 127) > 0.99


def test_a_bite_out_of_a_fruit_stays_a_bite(fruit: Pixels) -> None:
    photo = fruit.copy()
    cv2.circle(photo, (120, 60), 20, tuple(int(tone) for tone in photo[0, 0]), -1)
    mask = cut_out(photo)
    assert mask is not None
    assert mask[65, 112] == 0


def test_dust_on_the_background_is_left_behind(fruit: Pixels) -> None:
    photo = fruit.copy()
    photo[8:11, 8:11] = 40
    mask = cut_out(photo)
    assert mask is not None
    assert mask[:30, :30].max() == 0


def test_natural_photos_are_left_alone(
    photograph: Callable[[Product, int], Pixels], pantry: tuple[Product, ...]
) -> None:
    assert all(cut_out(photograph(product, 3)) is None for product in pantry[:3])


def test_a_photo_of_many_colours_is_left_alone(textured: Pixels) -> None:
    assert cut_out(textured) is None


@pytest.mark.parametrize("speck", [0, 2])
def test_a_picture_of_next_to_nothing_is_left_alone(speck: int) -> None:
    photo = np.full((100, 100, 3), 240, np.uint8)
    photo[50 : 50 + speck, 50 : 50 + speck] = 10
    assert cut_out(photo) is None


def test_packs_are_boxy_however_they_are_turned_and_fruits_are_not() -> None:
    for angle in range(0, 90, 10):
        box, fruit = np.zeros((200, 200), np.uint8), np.zeros((200, 200), np.uint8)
        cv2.fillConvexPoly(box, cv2.boxPoints(((100, 100), (60, 110), angle)).astype(np.int32), 255)
        cv2.ellipse(fruit, (100, 100), (40, 55), angle, 0, 360, 255, -1)
        assert is_boxy(box)
        assert not is_boxy(fruit)
