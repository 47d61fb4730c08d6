from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.records import Photo, Split

MakeImage = Callable[..., bytes]
AddPhoto = Callable[..., Photo]


@pytest.fixture
def make_image() -> MakeImage:
    """A picture of smooth colour and some noise, different for each seed, as the bytes of an image file."""

    def make(
        seed: int = 0, size: tuple[int, int] = (48, 32), kind: str = "JPEG", mode: str = "RGB", **how: object
    ) -> bytes:
        noise = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).convert(mode).save(buffer, kind, **how)
        return buffer.getvalue()

    return make


@pytest.fixture
def library(tmp_path: Path) -> PhotoLibrary:
    return PhotoLibrary(tmp_path / "library")


@pytest.fixture
def add_photo(library: PhotoLibrary) -> AddPhoto:
    """Adds bytes to the fixture library under a label and a split; the record comes back."""

    def add(data: bytes, label: str, split: Split | None = "train", **more: Any) -> Photo:
        photo = Photo(
            sha256=hashlib.sha256(data).hexdigest(),
            label=label,
            split=split,
            width=1,
            height=1,
            **{"origin": "own", "collected_at": "2026-01-02T03:04:05+00:00", **more},
        )
        library.add(data, photo)
        return photo

    return add
