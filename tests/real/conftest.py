from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from frozen_features import FrozenFeatures

from shibuya_optics.contract import InputContract
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


@pytest.fixture(scope="session")
def frozen_features(shared: Path, grocery_store: PantryFile) -> Callable[[str], FrozenFeatures]:
    """Embeds the photos of Grocery Store by a backbone's starting weights, once."""
    from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, load_backbone
    from shibuya_optics.train.data.material import Material
    from shibuya_optics.train.data.photos import plain_loader
    from shibuya_optics.train.loop.probe import embed

    @cache
    def features(backbone: str) -> FrozenFeatures:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(WEIGHTS_VARIABLE, str(shared / "weights"))
            network, _ = load_backbone(backbone)
        contract = InputContract(size=224, resize=256, interpolation="bicubic")
        material = Material.of_splits(grocery_store)
        train, classes = embed(network, plain_loader(material, material.training, contract))
        test, truth = embed(network, plain_loader(material, grocery_store.rows("test"), contract))
        return FrozenFeatures(train, classes, test, truth)

    return features
