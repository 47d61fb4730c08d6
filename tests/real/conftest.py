from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shibuya_optics.dataset.grocery_store import add_grocery_store
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.store import PantryFile


@pytest.fixture(scope="session")
def grocery_store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PantryFile]:
    """The Grocery Store Dataset, packed, with its official split."""
    folder = tmp_path_factory.mktemp("grocery-store")
    add_grocery_store(shared / "data" / "grocery-store", folder / "library")
    pack(folder / "library", folder / "pantry.h5")
    with PantryFile.open(folder / "pantry.h5") as file:
        yield file
