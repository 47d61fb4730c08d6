from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_bundle import COLOURS, CONTRACT, PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.views import VIEWS, View, averaged, fixed_views, judge_views
from shibuya_optics.recognise import Recogniser

ROOMY = InputContract(size=32, resize=48, interpolation="bilinear")


def ramp(height: int, width: int) -> Pixels:
    """A photo that says where its pixels lie: red grows to the right, green downwards."""
    photo = np.zeros((height, width, 3), np.uint8)
    photo[..., 0] = np.arange(width)[None, :]
    photo[..., 1] = np.arange(height)[:, None]
    return photo


def middle(square: Pixels) -> tuple[float, float]:
    return float(square[..., 0].mean()), float(square[..., 1].mean())


def test_the_first_view_is_what_the_contract_sees() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (70, 90, 3)).astype(np.uint8)
    assert VIEWS[0] == View()
    assert np.array_equal(View().square(photo, ROOMY), ROOMY.square(photo))


def test_views_are_windows_of_their_size_at_their_place() -> None:
    photo = ramp(96, 192)  # the contract's window is 64 px long
    for view, side, x, y in (
        (View(side=1.25), 80, 95.5, 47.5),
        (View(side=0.5), 32, 95.5, 47.5),
        (View(side=0.5, right=0.25), 32, 111.5, 47.5),
        (View(side=0.5, down=-0.25), 32, 95.5, 31.5),
        (View(side=9), 96, 95.5, 47.5),
        (View(side=0.5, right=9, down=9), 32, 175.5, 79.5),
    ):
        square = view.square(photo, ROOMY)
        assert square.shape == (32, 32, 3)
        assert middle(square) == pytest.approx((x, y), abs=0.6)
        assert int(np.ptp(square[..., 0])) == pytest.approx(side - side / 32, abs=2)


def test_the_mean_of_views_is_that_of_their_vectors() -> None:
    bundle = replace(tiny_bundle(), contract=replace(CONTRACT, resize=48))
    photos = [noisy_photo(COLOURS["Blue"], seed, noise=120, side=64) for seed in range(3)]
    views = (View(), View(side=2), View(side=0.5, right=0.2))
    vectors = averaged(bundle, photos, views)
    for photo, vector in zip(photos, vectors, strict=True):
        total = np.zeros(vectors.shape[1])
        for view in views:
            pixels = view.square(photo, bundle.contract) / 127.5 - 1
            cells = pixels.reshape(4, 8, 4, 8, 3).mean(axis=(1, 3)).transpose(2, 0, 1).ravel()
            total += cells / np.linalg.norm(cells)
        assert vector == pytest.approx(total / np.linalg.norm(total), abs=1e-5)


def test_one_view_is_what_the_recogniser_sees() -> None:
    bundle = replace(tiny_bundle(), contract=replace(CONTRACT, resize=40))
    photos = [noisy_photo(colour, 1, side=51) for colour in COLOURS.values()] * 5
    assert averaged(bundle, photos, fixed_views(1)) == pytest.approx(Recogniser(bundle).vectors(photos), abs=1e-6)


def test_photos_are_judged_through_all_views() -> None:
    photos = [noisy_photo(COLOURS[label], 3, side=64) for label in PRODUCTS]
    labels = [*PRODUCTS[:3], "Dairy/Butter/Red"]
    right = judge_views(tiny_bundle(), photos, labels, fixed_views(4))
    assert right.products.tolist() == [True, True, True, False]
    assert right.shares().accuracy == 0.75
    with pytest.raises(InputError, match="4 photos and 1 labels"):
        judge_views(tiny_bundle(), photos, labels[:1], fixed_views(1))


@pytest.mark.parametrize("count", [0, -1, len(VIEWS) + 1])
def test_there_are_no_more_views_than_these(count: int) -> None:
    with pytest.raises(InputError, match=f"{count} views: give 1 to {len(VIEWS)}"):
        fixed_views(count)
