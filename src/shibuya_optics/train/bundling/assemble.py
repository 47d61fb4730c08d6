"""From what was learned to a bundle, whichever way it was learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import LEARNED_WEIGHT, Bundle
from shibuya_optics.contract import InputContract
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import RecipeError
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.known.mahalanobis import Typical, differences
from shibuya_optics.train.bundling.decision_numbers import OutOfFold, measure_decision
from shibuya_optics.train.bundling.prototypes import choose_exemplars, make_prototypes
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.predictions import Predictions
from shibuya_optics.train.runs.run_folder import read_run


@dataclass(frozen=True, eq=False)
class Learned:
    """A network, a head, and what the network sees.

    Attributes:
        embedder: an ONNX graph, as a bundle holds it.
        contract: how a photo becomes its input.
        licence: of the network's weights.
        lineage: where the weights come from.
        directions: the head's, unit rows `(products, d)`.
        scale: the head's, cosine to logit.
        vectors, classes: unit rows `(views, d)` of photos trained on, and their class ids `(views,)`.
        held_out: unit rows `(photos, d)` of the validation photos, seen by the embedder.
    """

    embedder: bytes
    contract: InputContract
    licence: str
    lineage: Mapping[str, Any]
    directions: NDArray[np.float32]
    scale: float
    vectors: NDArray[np.float32]
    classes: NDArray[np.int64]
    held_out: NDArray[np.float32]


def assembled(learned: Learned, material: Material, recipe: Recipe) -> Bundle:
    """The bundle, not yet measured; its decision numbers come from the validation photos."""
    tree = material.tree
    kept = choose_exemplars(learned.vectors, learned.classes, recipe.bundle.exemplars)
    catalogue = Catalogue(
        tree=tree,
        prototypes=make_prototypes(learned.directions, learned.vectors, learned.classes),
        prototype_weights=np.full(len(tree), LEARNED_WEIGHT, np.float32),
        exemplars=learned.vectors[kept].astype(np.float16),
        exemplar_products=learned.classes[kept].astype(np.int32),
        taught=frozenset(),
        held_out=learned.held_out.astype(np.float16),
        held_out_products=material.classes[material.validation].astype(np.int32),
    )
    differ = differences(learned.vectors, learned.classes)
    truth = material.classes[material.validation]
    others = out_of_fold(recipe, tree)
    return Bundle(
        name=recipe.name,
        embedder=learned.embedder,
        contract=learned.contract,
        tree=tree,
        prototypes=catalogue.prototypes,
        exemplars=catalogue.exemplars,
        exemplar_products=catalogue.exemplar_products,
        held_out=catalogue.held_out,
        held_out_products=catalogue.held_out_products,
        differences=differ,
        decision=measure_decision(
            Typical(catalogue, differ), learned.scale, learned.held_out, truth, recipe.bundle.refused, others
        ),
        licence=learned.licence,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lineage=(learned.lineage, *_ancestors(material.file, recipe)),
    )


def out_of_fold(recipe: Recipe, tree: LabelTree) -> OutOfFold | None:
    """What a cross-validation said of photos out of fold, where the recipe names one.

    Raises:
        RecipeError: it is none, or of other products.
        RunError: it is not finished, or does not read.
    """
    if not recipe.bundle.out_of_fold:
        return None
    run = read_run(Path(recipe.bundle.out_of_fold))
    said = Predictions.read(run.predictions)
    if run.verb != "crossval" or said.products != tree.products:
        raise RecipeError(
            f"bundle.out_of_fold: {run.folder} is no cross-validation of these {len(tree)} products: give the run folder of "
            "`optics crossval` with the same dataset and leave_out."
        )
    return OutOfFold(said.logits, said.truth)


def _ancestors(file: PantryFile, recipe: Recipe) -> list[dict[str, Any]]:
    """Where the photos trained on come from, as records of lineage, with the products that were left out of them."""
    left_out = {"left_out": list(recipe.leave_out)} if recipe.leave_out else {}
    return [
        {"name": f"photos {source['origin']}", **source, "dataset_hash": file.hash, **left_out}
        for source in file.sources
        if not recipe.origins or source["origin"] in recipe.origins
    ]
