from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_bundle import noisy_photo
from tiny_training import tiny_recipe

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.views import Views

pytestmark = pytest.mark.train
SIDE = 96


def studio_row(label: str, colour: tuple[int, int, int]) -> Row:
    """A product on white."""
    photo = np.full((SIDE, SIDE, 3), 255, np.uint8)
    photo[20:76, 30:66] = noisy_photo(colour, 1, side=SIDE)[20:76, 30:66]
    jpeg = encode_jpeg(photo)
    sha256 = hashlib.sha256(jpeg).hexdigest()
    return Row(jpeg=jpeg, label=label, split="train", origin="web", group=None, sha256=sha256, width=SIDE, height=SIDE)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    rows = [studio_row("Pantry/Red", (190, 40, 40)), studio_row("Pantry/Green", (30, 130, 50))]
    write_pantry(tmp_path / "studio.h5", rows, LabelTree.of(row.label for row in rows))
    file = PantryFile.open(tmp_path / "studio.h5")
    return Material.of_rows(file, file.rows("train"), file.rows("validation"))


def test_what_was_cut_out_before_changes_no_view(material: Material) -> None:
    recipe = tiny_recipe(material.file.path, {"views": {"background": 1.0}})
    used, fresh = Views(material, recipe), Views(material, recipe)
    for seed in range(5):
        used.view(seed % 2, 32, np.random.default_rng(seed))
    (view, label), (once, _) = (views.view(1, 32, np.random.default_rng(9)) for views in (used, fresh))
    assert torch.equal(view, once)
    assert label == material.classes[material.training[1]]


def test_scenes_are_rendered_where_the_recipe_asks_for_them(material: Material) -> None:
    scene, plain = (
        Views(material, tiny_recipe(material.file.path, {"views": {"background": chance, "area": (1.0, 1.0)}}))
        .view(0, 32, np.random.default_rng(9))[0]
        .numpy()
        for chance in (1.0, 0.0)
    )
    white = np.percentile(plain, 75)
    assert (plain >= white - 0.2).mean() > 0.5 > (scene >= white - 0.2).mean()
