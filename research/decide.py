"""Measures the decision numbers of a finished bundle anew, by the validation photos of its dataset; the network stays as it is.

    python research/decide.py pantry-mobile recipes/pantry-mobile.toml --out pantry-mobile.optics

The end of `optics train`, for bundles that were trained before the way of deciding changed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from shibuya_optics import Recogniser
from shibuya_optics.bundle import Costs, write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.known.mahalanobis import Typical, differences
from shibuya_optics.train.bundling.account import measured
from shibuya_optics.train.bundling.decision_numbers import measure_decision
from shibuya_optics.train.bundling.made import Made
from shibuya_optics.train.data.cached_vectors import cached_vectors
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import read_recipe


def main() -> None:
    """Measure, print, write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("bundle")
    options.add_argument("recipe", type=Path, help="by which it was trained")
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    bundle, recipe = Recogniser.open(given.bundle).bundle, read_recipe(given.recipe)
    with PantryFile.open(recipe.dataset) as file:
        material = Material.of_splits(file, recipe.leave_out, recipe.origins)
        vectors = cached_vectors(file, bundle.embedder, bundle.contract, progress=True)
        held_out, truth = vectors[material.validation], material.classes[material.validation]
        differ = differences(vectors[material.training], material.classes[material.training])
        known = Typical(Catalogue.of(bundle), differ)
        decision = measure_decision(known, bundle.decision.scale, held_out, truth, recipe.bundle.refused)
        print(decision)
        decided = replace(
            bundle,
            decision=decision,
            costs=Costs(),
            differences=differ,
            held_out=held_out.astype(np.float16),
            held_out_products=truth.astype(np.int32),
        )
        whole, results, _ = measured(Made(decided, vectors=vectors), material, recipe)
    print(results)
    write_bundle(whole, given.out)


if __name__ == "__main__":
    main()
