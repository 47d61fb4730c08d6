from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_training import COLOURS, PHOTOS

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, RecipeError
from shibuya_optics.train.data.material import LEFT_OUT, Material

pytestmark = pytest.mark.train


def test_the_splits_with_all_products(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    material = Material.of_splits(file)
    assert material.tree == file.tree
    assert np.array_equal(material.classes, file.labels)
    assert np.array_equal(material.training, file.rows("train"))
    assert np.array_equal(material.validation, file.rows("validation"))


@pytest.mark.parametrize("node", ["Fruit/Apple", "Fruit"])
def test_products_left_out_have_no_class_and_no_photo(tiny_pantry: Path, node: str) -> None:
    file = PantryFile.open(tiny_pantry)
    material = Material.of_splits(file, [node])
    assert material.tree.products == ("Dairy/Milk/Blue",)
    truth = [file.tree.products[label] for label in file.labels]
    assert [LEFT_OUT if label.startswith("Fruit") else 0 for label in truth] == material.classes.tolist()
    assert len(material.training) == PHOTOS["train"]
    assert set(material.classes[material.validation]) == {0}
    assert len(material.known(file.rows("test"))) == PHOTOS["test"]


def test_class_ids_follow_the_tree_that_is_left(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    material = Material.of_splits(file, ["Dairy/Milk/Blue"])
    assert material.tree.products == tuple(sorted(label for label in COLOURS if label.startswith("Fruit")))
    for row in material.training:
        assert material.tree.products[material.classes[row]] == file.tree.products[file.labels[row]]


def test_what_is_not_there_cannot_be_left_out(tiny_pantry: Path) -> None:
    with pytest.raises(RecipeError, match="has no 'Fruit/Appel': did you mean 'Fruit/Apple'"):
        Material.of_splits(PantryFile.open(tiny_pantry), ["Fruit/Appel"])


def test_a_fold_is_not_learned_from(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    material = Material.of_fold(file, 1)
    assert np.array_equal(material.training, np.flatnonzero(np.isin(file.folds, (0, 2))))
    assert not len(material.validation)
    with pytest.raises(DatasetError, match="no fold 3"):
        Material.of_fold(file, 3)


def test_only_photos_of_the_origins_asked_for_are_trained_on(tiny_pantry: Path) -> None:
    file = PantryFile.open(tiny_pantry)
    file.origins = tuple("web" if row % 2 else "own" for row in range(len(file)))
    material = Material.of_splits(file, origins=["web"])
    assert np.array_equal(material.training, [row for row in file.rows("train") if row % 2])
    assert np.array_equal(material.validation, file.rows("validation"))
    with pytest.raises(RecipeError, match="no photos of origin 'wbe'; it has own, web"):
        Material.of_splits(file, origins=["wbe"])
