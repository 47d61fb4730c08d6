from __future__ import annotations

import math
from pathlib import Path

import pytest
from tiny_training import COLOURS, PHOTOS

from shibuya_optics.contract import Pixels
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import RecipeError
from shibuya_optics.records import Word
from shibuya_optics.senses import Read
from shibuya_optics.train.bundling.packs import chosen, read_packs
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import ReadOptions

pytestmark = pytest.mark.train
MIDDLE = ((0.3, 0.4), (0.7, 0.4), (0.7, 0.6), (0.3, 0.6))


class Reader(Read):
    """Reads the brightness of a photo as a word; in very blue ones nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.photos: list[bytes] = []

    def words(self, photo: Pixels, *, until: float = math.inf) -> tuple[Word, ...]:
        self.photos.append(photo.tobytes())
        red, _, blue = photo.mean(axis=(0, 1))
        return () if blue > red + 60 else (Word(f"tone{int(photo.mean())}", 0.8, MIDDLE),)


@pytest.fixture
def material(tiny_pantry: Path) -> Material:
    return Material.of_splits(PantryFile.open(tiny_pantry))


def test_the_packs_of_each_product_are_read_in_so_many_photos(material: Material) -> None:
    reader = Reader()
    printed = read_packs(material, ReadOptions(photos=2), 1, reader)
    assert len(reader.photos) == 2 * len(COLOURS)
    assert "Dairy/Milk/Blue" not in printed
    assert all(len(pack.read) == 2 for pack in printed.values())
    assert all(text.startswith("tone") for pack in printed.values() for photo in pack.read for text, _ in photo)


def test_only_photos_that_are_trained_on_are_read(material: Material) -> None:
    reader = Reader()
    read_packs(material, ReadOptions(photos=200), 1, reader)
    trained = {material.file.photo(int(row)).tobytes() for row in material.training}
    assert set(reader.photos) == trained
    assert len(reader.photos) == PHOTOS["train"] * len(COLOURS)


def test_a_seed_draws_the_same_photos_and_another_one_others(material: Material) -> None:
    drawn = []
    for seed in (1, 1, 2):
        reader = Reader()
        read_packs(material, ReadOptions(photos=1), seed, reader)
        drawn.append(reader.photos)
    assert drawn[0] == drawn[1] != drawn[2]


def test_only_the_products_asked_for_are_read(material: Material) -> None:
    assert chosen(material, ReadOptions(photos=1, labels=("Fruit",))) == sorted(
        label for label in COLOURS if label.startswith("Fruit/")
    )
    assert chosen(material, ReadOptions(photos=0)) == []
    with pytest.raises(RecipeError, match="no product 'Fruti' is learned: did you mean 'Fruit'"):
        chosen(material, ReadOptions(photos=1, labels=("Fruti",)))
