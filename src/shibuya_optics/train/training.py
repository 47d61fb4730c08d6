"""A training run from recipe to bundle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shibuya_optics.bundle import LEARNED_WEIGHT, Bundle, write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.files import write_json
from shibuya_optics.recognise import Catalogue
from shibuya_optics.senses import Look
from shibuya_optics.train.account import measured
from shibuya_optics.train.calibrate import measure_decision
from shibuya_optics.train.export import (
    Centred,
    choose_exemplars,
    export_onnx,
    largest_difference,
    make_prototypes,
    unit_rows,
)
from shibuya_optics.train.fitting import Fitted, check_contract, fit
from shibuya_optics.train.material import Material
from shibuya_optics.train.photos import seen_by, still_loader
from shibuya_optics.train.probe import embed
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.run_folder import finish_run, open_run

PARITY_PHOTOS = 16


@dataclass(frozen=True)
class Trained:
    """A finished run: its folder, its bundle, and what was measured (shares 0-1)."""

    run: Path
    bundle: Path
    metrics: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The run as a JSON object."""
        return {"run": str(self.run), "bundle": str(self.bundle), "metrics": self.metrics}

    def as_text(self) -> str:
        """The run in a few lines for people."""
        lines = [f"{split:<12}accuracy {m['accuracy']:.3f} on {m['photos']} photos" for split, m in self._splits()]
        return "\n".join([*lines, f"run     {self.run}", f"bundle  {self.bundle}"])

    def _splits(self) -> list[tuple[str, dict[str, Any]]]:
        return [(split, self.metrics[split]) for split in ("validation", "test") if split in self.metrics]


def train(recipe: Recipe, runs: Path, *, progress: bool = False) -> Trained:
    """Train by a recipe, or take up the unfinished run of the same recipe on the same dataset.

    Args:
        recipe: what to do.
        runs: folder of run folders.
        progress: show bars on the terminal.

    Raises:
        DatasetError: the dataset cannot be read, or lacks training or validation photos.
        RecipeError: the recipe does not fit the dataset or the starting weights.
        WeightsError: the backbone's starting weights are missing.
        RunError: training diverged, or the export is not what was trained.
    """
    with PantryFile.open(recipe.dataset) as file:
        material = Material.of_splits(file, recipe.leave_out, recipe.origins)
        check_contract(recipe)
        run = open_run(runs, recipe, file.hash)
        fitted = fit(recipe, material, run, progress=progress)
        bundle, difference = _bundled(fitted, material, recipe)
        bundle, metrics = measured(bundle, material, recipe)
    metrics["largest_logit_difference"] = difference
    path = write_bundle(bundle, run / f"{recipe.name}.optics")
    write_json(run / "metrics.json", metrics)
    finish_run(run)
    return Trained(run, path, metrics)


def _ancestors(file: PantryFile) -> list[dict[str, Any]]:
    """Where the photos trained on come from, as records of lineage."""
    return [{"name": f"photos {source['origin']}", **source, "dataset_hash": file.hash} for source in file.sources]


def _bundled(fitted: Fitted, material: Material, recipe: Recipe) -> tuple[Bundle, float]:
    """The bundle, not yet measured, and the largest difference of its logits from PyTorch's."""
    file, tree, rows = material.file, material.tree, material.validation
    vectors, labels = embed(fitted.network, still_loader(material, recipe, recipe.bundle.views))
    centre = vectors.mean(axis=0)
    vectors = unit_rows(vectors - centre)
    centred = Centred(fitted.network, torch.from_numpy(centre))
    prototypes = make_prototypes(fitted.head.unit_directions().detach().numpy(), vectors, labels)
    kept = choose_exemplars(vectors, labels, recipe.bundle.exemplars)
    catalogue = Catalogue(
        tree=tree,
        prototypes=prototypes,
        prototype_weights=np.full(len(tree), LEARNED_WEIGHT, np.float32),
        exemplars=vectors[kept].astype(np.float16),
        exemplar_products=labels[kept].astype(np.int32),
        taught=frozenset(),
    )
    embedder, scale = export_onnx(centred, recipe.contract), fitted.head.scale.item()
    look = Look(embedder, recipe.contract)
    difference = largest_difference(centred, look, prototypes, scale, [file.photo(r) for r in rows[:PARITY_PHOTOS]])
    held_out = seen_by(look, material, rows)
    decision = measure_decision(catalogue, scale, held_out, material.classes[rows], recipe.bundle.refused)
    bundle = Bundle(
        name=recipe.name,
        embedder=embedder,
        contract=recipe.contract,
        tree=tree,
        prototypes=catalogue.prototypes,
        exemplars=catalogue.exemplars,
        exemplar_products=catalogue.exemplar_products,
        decision=decision,
        licence=recipe.bundle.licence,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lineage=(fitted.lineage, *_ancestors(file)),
    )
    return bundle, difference
