"""What every test may ask for. Photos are rendered; real ones are used where they are, and skipped with a reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product, render
from shibuya_optics.demo import pantry as invented

# Found examples are the same in every run, and a busy machine fails no test.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of this project."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and starting weights: OPTICS_SHARED, or `../shared` beside the project."""
    folder = Path(os.environ.get("OPTICS_SHARED") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no real photos: {folder} is no folder (name it with OPTICS_SHARED)")
    return folder


@pytest.fixture(scope="session")
def pantry() -> tuple[Product, ...]:
    """Eight products of invented brands; two and two of them look much alike."""
    return invented(8)


@pytest.fixture(scope="session")
def photograph() -> Callable[[Product, int], Pixels]:
    """Renders a photo of a product, uint8 (240, 320, 3); another seed gives another photo."""
    return cache(lambda product, seed: render(product, seed, (320, 240)))
