"""Give a bundle that was trained before packs were read the print of its products, as its recipe asks for.

    python research/read_packs.py recipes/pantry-mobile.toml --bundle pantry-mobile --out pantry-mobile.optics

Nothing else of the bundle changes. `optics train` reads packs by itself.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from shibuya_optics.bundle import find_bundle, read_bundle, write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.senses import KeptRead, Read
from shibuya_optics.train.bundling.account import READS
from shibuya_optics.train.bundling.packs import read_packs
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import read_recipe

BEFORE = "It looks at colour, shape and pattern, and does not read words: brands that look alike are confused."


def main() -> None:
    """Read, and write the new bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--bundle", required=True, help="a file or a shipped name")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--readings", type=Path, help="keep what is read here, so that it is read once")
    asked = parser.parse_args()
    recipe, bundle = read_recipe(asked.recipe), read_bundle(find_bundle(asked.bundle))
    reader = KeptRead(asked.readings) if asked.readings else Read()
    with PantryFile.open(recipe.dataset) as file:
        material = Material.of_splits(file, recipe.leave_out, recipe.origins)
        printed = read_packs(material, recipe.read, recipe.seed, reader, progress=True)
    card = bundle.card.replace(BEFORE, READS.format(len(printed)))
    write_bundle(replace(bundle, printed=printed, card=card), asked.out)
    print(f"{asked.out} knows the print of {len(printed)} of {len(bundle.tree)} products")


if __name__ == "__main__":
    main()
