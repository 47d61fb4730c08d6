from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from tiny_bundle import PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.robustness import (
    DEGRADATIONS,
    Degradation,
    blurred,
    compressed,
    dark,
    judge_degraded,
    rotated,
    small,
)
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import PhotoSource, encode_jpeg
from shibuya_optics.recognise import LOOK_ALONE, Recogniser, Scores

PHOTO = np.ascontiguousarray(noisy_photo((120, 130, 125), 0, noise=100, side=200)[:150])


@pytest.mark.parametrize("degradation", DEGRADATIONS, ids=lambda each: each.name)
def test_each_gives_a_photo_again_always_the_same_and_leaves_the_first(degradation: Degradation) -> None:
    before = PHOTO.copy()
    worse = degradation.apply(PHOTO)
    assert worse.dtype == np.uint8
    assert worse.ndim == 3
    assert worse.shape[2] == 3
    assert not np.array_equal(worse, PHOTO)
    assert np.array_equal(worse, degradation.apply(PHOTO))
    assert np.array_equal(before, PHOTO)


def test_each_does_what_it_says() -> None:
    assert blurred(PHOTO).std() < PHOTO.std() / 2
    assert blurred(PHOTO).mean() == pytest.approx(PHOTO.mean(), abs=1)
    assert np.array_equal(dark(PHOTO), np.floor(PHOTO * 0.3).astype(np.uint8))
    assert rotated(PHOTO).shape == (200, 150, 3)
    assert np.array_equal(rotated(PHOTO)[0], PHOTO[:, -1])
    assert small(PHOTO).shape == (96, 128, 3)
    assert small(PHOTO[:90]).shape == (90, 200, 3)
    assert np.abs(compressed(PHOTO).astype(int) - PHOTO).mean() > 3
    assert len(encode_jpeg(compressed(PHOTO), 90)) < len(encode_jpeg(PHOTO, 90))


class Looking:
    """Looks alone, at pixels."""

    def __init__(self) -> None:
        self._recogniser = Recogniser(tiny_bundle())

    @property
    def tree(self) -> LabelTree:
        return self._recogniser.tree

    def scores(self, photos: Iterable[PhotoSource]) -> Scores:
        return self._recogniser.scores(photos, LOOK_ALONE)


def test_the_drop_is_in_points_from_plain() -> None:
    swapped = Degradation("swap", "red for blue", lambda photo: np.ascontiguousarray(photo[..., ::-1]))
    photos = [noisy_photo((10, 250, 10), 0), noisy_photo((10, 10, 250), 0)]
    robust = judge_degraded(Looking(), swapped, photos, [PRODUCTS[2], PRODUCTS[3]], 1.0)
    assert (robust.name, robust.strength, robust.accuracy, robust.drop) == ("swap", "red for blue", 0.5, 50)
    with pytest.raises(InputError, match="a plain accuracy of 50"):
        judge_degraded(Looking(), swapped, photos, [PRODUCTS[2], PRODUCTS[3]], 50)
