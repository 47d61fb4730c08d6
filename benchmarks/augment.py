"""How long a random view takes: `random_view` beside albumentations and Keras layers, in one run.

    pip install -c constraints.txt -e ".[train,bench]"
    python benchmarks/augment.py --out bench/augment.json

Every way makes views of 224 px from the same rendered photos of 256 px, by the same list of parts, in two lists. `usual`
is what the shipped bundle was trained with: crop, turn, brightness, contrast, saturation, some blur and some erasing.
`full` adds perspective, gamma, noise and JPEG to it, each by the same chance in every way. Keras has no JPEG layer and
takes part without it, which is in its favour; it gets whole batches of 32 and float pictures, as its layers want them.
One thread each, taking turns, so that a busy machine slows all of them; the median of the turns counts.

Expected (2 cores, x86-64): `random_view` is the fastest in both lists.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from typing import Any

# Both are read when the libraries are imported: Keras computes on PyTorch, and albumentations asks no server for news.
os.environ["KERAS_BACKEND"] = "torch"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import cv2
import numpy as np
from numpy.typing import NDArray

from reporting import report
from shibuya_optics.augment import ViewOptions, random_view
from shibuya_optics.demo import pantry, render

Pixels = NDArray[np.uint8]
Way = Callable[[], object]
SIDE, SIZE, PHOTOS = 256, 224, 32
SOME, FEW = 0.5, 0.15
PERSPECTIVE, GAMMA, NOISE, QUALITY = 0.1, 1.3, 10.0, (30, 90)


def photos() -> list[Pixels]:
    """Rendered photos of packs, `uint8 (256, 256, 3)`."""
    products = pantry(8)
    return [render(products[seed % 8], seed, (SIDE, SIDE)) for seed in range(PHOTOS)]


def ours(pictures: list[Pixels], *, full: bool) -> Way:
    """The way of this package."""
    options = ViewOptions(area=(0.35, 1.0), aspect=1.25, rotation=15, blur=FEW, erase=0.2)
    if full:
        options = ViewOptions(
            perspective=PERSPECTIVE,
            gamma=GAMMA,
            blur=SOME,
            noise=SOME,
            noise_level=(2.0, NOISE),
            jpeg=SOME,
            jpeg_quality=QUALITY,
        )
    rng = np.random.default_rng(0)
    return lambda: [random_view(picture, SIZE, options, rng) for picture in pictures]


def by_albumentations(pictures: list[Pixels], *, full: bool) -> Way:
    """Albumentations 2.0.8, the last one under the MIT licence."""
    import albumentations as alb

    parts: list[Any] = [
        alb.RandomResizedCrop((SIZE, SIZE), scale=(0.35, 1.0), ratio=(0.8, 1.25)),
        alb.Affine(rotate=(-15, 15), border_mode=cv2.BORDER_REFLECT_101, p=1),
    ]
    if full:
        parts.append(alb.Perspective(scale=(0.0, PERSPECTIVE), border_mode=cv2.BORDER_REFLECT_101, p=1))
    parts.append(
        alb.ColorJitter(brightness=(0.75, 1.25), contrast=(0.75, 1.25), saturation=(0.7, 1.3), hue=(0, 0), p=1)
    )
    if full:
        parts.append(alb.RandomGamma(gamma_limit=(77, 130), p=1))
    parts += [
        alb.CoarseDropout((1, 1), (0.15, 0.45), (0.15, 0.45), fill=128, p=0.2),
        alb.GaussianBlur(blur_limit=0, sigma_limit=(0.3, 1.5), p=SOME if full else FEW),
    ]
    if full:
        parts += [
            alb.GaussNoise(std_range=(2 / 255, NOISE / 255), p=SOME),
            alb.ImageCompression(quality_range=QUALITY, p=SOME),
        ]
    compose = alb.Compose(parts, seed=0)
    return lambda: [compose(image=picture)["image"] for picture in pictures]


def by_keras(pictures: list[Pixels], *, full: bool) -> Way:
    """Keras' layers on PyTorch, whole batches at a time."""
    import keras
    import torch

    torch.set_num_threads(1)
    layers = keras.layers
    parts: list[Any] = [
        layers.RandomZoom((-0.4, 0.0), seed=0),
        layers.RandomRotation(15 / 360, seed=1),
        layers.CenterCrop(SIZE, SIZE),
    ]
    if full:
        parts.append(layers.RandomPerspective(factor=1.0, scale=PERSPECTIVE, seed=2))
    parts.append(
        layers.RandomColorJitter(
            value_range=(0, 1),
            brightness_factor=0.25,
            contrast_factor=0.25,
            saturation_factor=(0.35, 0.65),
            hue_factor=0.0,
            seed=3,
        )
    )
    parts += [
        layers.RandomErasing(factor=0.2, scale=(0.02, 0.2), value_range=(0, 1), seed=4),
        layers.RandomGaussianBlur(
            factor=SOME if full else FEW, kernel_size=7, sigma=(0.3, 1.5), value_range=(0, 1), seed=5
        ),
    ]
    if full:
        parts.append(layers.GaussianNoise(NOISE / 2 / 255, seed=6))
    batch = torch.from_numpy(np.stack(pictures).astype(np.float32) / 255)

    def views() -> object:
        with torch.no_grad():
            made = batch
            for part in parts:
                made = part(made, training=True)
            return made.numpy()

    return views


WAYS: dict[str, Callable[..., Way]] = {"random_view": ours, "albumentations": by_albumentations, "keras": by_keras}


def seconds_of(way: Way) -> float:
    """The seconds for all photos once."""
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def compared(pictures: list[Pixels], turns: int, *, full: bool) -> dict[str, Any]:
    """Views a second of each way, and how much of the fastest way's that is."""
    ways = {name: make(pictures, full=full) for name, make in WAYS.items()}
    for way in ways.values():
        way()
    taken = [{name: seconds_of(way) for name, way in ways.items()} for _ in range(turns)]
    rate = {name: len(pictures) / statistics.median(turn[name] for turn in taken) for name in ways}
    return {
        "views_per_second": {name: round(value) for name, value in rate.items()},
        "share_of_the_fastest": {name: round(value / max(rate.values()), 3) for name, value in rate.items()},
    }


def measure(turns: int) -> dict[str, Any]:
    """Both lists of parts, each in all ways."""
    try:
        versions = {name: metadata.version(name) for name in ("albumentations", "keras", "opencv-python-headless")}
    except metadata.PackageNotFoundError as error:
        sys.exit(f'{error.name} is not installed: run `pip install -c constraints.txt -e ".[train,bench]"`.')
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")
    pictures = photos()
    return {
        "photo": [SIDE, SIDE],
        "view": [SIZE, SIZE],
        "turns": turns,
        "versions": versions,
        "usual": compared(pictures, turns, full=False),
        "full": compared(pictures, turns, full=True),
    }


if __name__ == "__main__":
    report(__doc__, 15, measure)
