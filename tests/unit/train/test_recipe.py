from __future__ import annotations

from pathlib import Path

import pytest

from shibuya_optics.errors import RecipeError
from shibuya_optics.train.recipe import Recipe, read_recipe

GOOD = 'name = "mine"\ndataset = "pantry.h5"\n'


def recipe_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_fills_in_defaults_and_keeps_what_it_says(tmp_path: Path) -> None:
    recipe = read_recipe(recipe_file(tmp_path, GOOD + "[finetune]\nepochs = 3\n[views]\narea = [0.5, 0.9]\n"))
    assert (recipe.finetune.epochs, recipe.views.area, recipe.contract.size) == (3, (0.5, 0.9), 224)
    assert recipe.as_json()["finetune"]["batch_size"] == 32


def test_the_hash_tells_recipes_apart(tmp_path: Path) -> None:
    base = read_recipe(recipe_file(tmp_path, GOOD))
    same = read_recipe(recipe_file(tmp_path, GOOD + "seed = 1\n"))
    other = read_recipe(recipe_file(tmp_path, GOOD + "seed = 2\n"))
    assert base.hash() == same.hash() != other.hash()


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("sed = 1\n", "option 'sed' is not known: did you mean 'seed'"),
        ("[finetune]\nepoch = 3\n", "option 'finetune.epoch' is not known: did you mean 'finetune.epochs'"),
        ("[views]\nrotatoin = 3\n", "option 'views.rotatoin' is not known: did you mean 'views.rotation'"),
        ("[finetune]\nbatch_size = 0\n", "option 'finetune.batch_size': .*greater than or equal to 1, received 0"),
        ("[contract]\nsize = 300\n", "size 300 px"),
        ("seed = -1\n", "option 'seed'"),
    ],
)
def test_a_fault_names_the_option_and_the_remedy(tmp_path: Path, addition: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(recipe_file(tmp_path, GOOD + addition))
    assert "\n" not in str(caught.value)


def test_no_file_and_no_toml_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no recipe at"):
        read_recipe(tmp_path / "absent.toml")
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(recipe_file(tmp_path, "name = "))


def test_the_shipped_recipes_read(repository: Path) -> None:
    recipes = [read_recipe(path) for path in sorted((repository / "recipes").glob("*.toml"))]
    assert all(isinstance(recipe, Recipe) for recipe in recipes)
    assert "pantry-mobile" in {recipe.name for recipe in recipes}
