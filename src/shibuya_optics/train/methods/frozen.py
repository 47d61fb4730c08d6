"""The method `frozen`: a bundle's network as it is, and a head on what it sees, by logistic regression; no PyTorch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, read_bundle
from shibuya_optics.bundle.shipped import find_bundle
from shibuya_optics.errors import RecipeError
from shibuya_optics.train.bundling.assemble import Learned, assembled
from shibuya_optics.train.bundling.made import Made
from shibuya_optics.train.bundling.prototypes import unit_rows
from shibuya_optics.train.data.cached_vectors import cached_vectors
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.loop.probe import fit_probe
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.trackers import Tracker

BUNDLE = "bundle:"


def check(recipe: Recipe) -> None:
    """Refuse options that a frozen network has no use for, rather than pass over them.

    Raises:
        RecipeError: an option of the fine-tune or of views is set, or a contract that is not the bundle's.
        BundleError: the backbone is no bundle, or cannot be read.
    """
    plain = Recipe(name=recipe.name, dataset=recipe.dataset).options()
    unused = [
        name
        for name, value in recipe.options().items()
        if name.startswith(("finetune.", "views.")) or name in {"probe.views", "bundle.views", "bundle.licence"}
        if value != plain[name]
    ]
    if unused:
        raise RecipeError(f"option {unused[0]!r} is of no use with method 'frozen': leave it out, or fine-tune.")
    source, _ = _source(recipe)
    if recipe.contract not in {source.contract, type(recipe.contract)()}:
        raise RecipeError(
            f"contract: the frozen network of {source.name} is shown photos by its own contract {source.contract}: "
            "leave it out."
        )


def make(
    recipe: Recipe,
    material: Material,
    folder: Path,  # noqa: ARG001 - a method's signature
    tracker: Tracker,  # noqa: ARG001 - as folder
    *,
    progress: bool,
) -> Made:
    """Look at all photos, or take what was seen before, and learn the head; the bundle has the same network."""
    source, lineage = _source(recipe)
    vectors = cached_vectors(material.file, source.embedder, source.contract, progress=progress)
    directions, scale = _head(vectors, material, recipe)
    learned = Learned(
        embedder=source.embedder,
        contract=source.contract,
        licence=source.licence,
        lineage=lineage,
        directions=directions,
        scale=scale,
        vectors=vectors[material.training],
        classes=material.classes[material.training],
        held_out=vectors[material.validation],
    )
    return Made(assembled(learned, material, recipe), vectors=vectors)


def logits(
    recipe: Recipe,
    material: Material,
    rows: NDArray[np.intp],
    folder: Path,  # noqa: ARG001 - a method's signature
    tracker: Tracker,  # noqa: ARG001 - as folder
    *,
    progress: bool,
) -> NDArray[np.float32]:
    """Learn the head, and give its logits `(photos, products)` of the rows."""
    source, _ = _source(recipe)
    vectors = cached_vectors(material.file, source.embedder, source.contract, progress=progress)
    directions, scale = _head(vectors, material, recipe)
    return (scale * vectors[rows] @ directions.T).astype(np.float32)


def _source(recipe: Recipe) -> tuple[Bundle, dict[str, Any]]:
    """The bundle whose network stays frozen, and the record of where its weights come from."""
    path = find_bundle(recipe.backbone.removeprefix(BUNDLE))
    bundle = read_bundle(path)
    lineage = {
        "name": bundle.name,
        "origin": f"bundle {bundle.name} of {bundle.created_at}, its network unchanged",
        "licence": bundle.licence,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "ancestors": [dict(ancestor) for ancestor in bundle.lineage],
    }
    return bundle, lineage


def _head(vectors: NDArray[np.float32], material: Material, recipe: Recipe) -> tuple[NDArray[np.float32], float]:
    """The products' directions, unit rows `(products, d)`, and the scale."""
    rows = material.training
    probe = fit_probe(vectors[rows], material.classes[rows], len(material.tree), recipe.probe.c)
    return unit_rows(probe.directions), probe.scale
