from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import tiny_recipe

from shibuya_optics.train.loop.mixing import mixed

pytestmark = pytest.mark.train
# Photo i is all i, so that a pixel tells whose it is.
IMAGES = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 32, 32)


def mix(seed: int, mixup: float, cutmix: float) -> tuple[torch.Tensor, torch.Tensor, float]:
    options = tiny_recipe(Path("tiny.h5"), mixup=mixup, cutmix=cutmix).finetune
    return mixed(IMAGES, options, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_mixup_blends_whole_photos(seed: int) -> None:
    images, partners, weight = mix(seed, mixup=0.4, cutmix=0.0)
    expected = weight * IMAGES + (1 - weight) * IMAGES[partners]
    torch.testing.assert_close(images, expected)
    assert 0.5 <= weight <= 1


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_shows_the_partner_in_a_box_of_the_rest(seed: int) -> None:
    images, partners, weight = mix(seed, mixup=0.0, cutmix=1.0)
    for photo, (image, partner) in enumerate(zip(images, partners.tolist(), strict=True)):
        assert set(image.unique().tolist()) <= {float(photo), float(partner)}
        if partner != photo:
            assert float((image == photo).float().mean()) == pytest.approx(weight)


def test_with_both_either_is_chosen() -> None:
    shown = [mix(seed, mixup=0.4, cutmix=1.0)[0] for seed in range(20)]
    whole = [bool((images == images.round()).all()) for images in shown]
    assert 3 < sum(whole) < 17


def test_without_either_nothing_is_mixed() -> None:
    images, _, weight = mix(0, mixup=0.0, cutmix=0.0)
    assert weight == 1
    assert torch.equal(images, IMAGES)
