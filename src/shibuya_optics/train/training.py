"""A training run from recipe to bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shibuya_optics.bundle import write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.files import write_json
from shibuya_optics.senses import Read
from shibuya_optics.train.bundling.account import measured
from shibuya_optics.train.bundling.packs import chosen, read_packs
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.methods.by_recipe import method_of
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.run_folder import METRICS, PREDICTIONS, finish_run, held, open_run
from shibuya_optics.train.runs.trackers import trackers


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
        RecipeError: the recipe does not fit the dataset, the starting weights or its method.
        WeightsError: the backbone's starting weights are missing.
        BundleError: the backbone is a bundle, which cannot be read.
        RunError: training diverged, the export is not what was trained, MLflow cannot be used, or another process is at
            work on the same run.
        MissingExtraError: the method needs PyTorch, or MLflow is asked for, and it is not installed.
    """
    method = method_of(recipe)
    with PantryFile.open(recipe.dataset) as file:
        material = Material.of_splits(file, recipe.leave_out, recipe.origins)
        method.check(recipe)
        chosen(material, recipe.read)
        run = open_run(runs, recipe, file.hash)
        with held(run):
            with trackers(run, recipe.options()) as following:
                made = method.make(recipe, material, run, following, progress=progress)
                printed = read_packs(material, recipe.read, recipe.seed, Read(), progress=progress)
                made = replace(made, bundle=replace(made.bundle, printed=printed))
                bundle, metrics, predictions = measured(made, material, recipe)
                metrics.update(made.facts)
                following.finish(metrics)
            path = write_bundle(bundle, run / f"{recipe.name}.optics")
            predictions.write(run / PREDICTIONS)
            write_json(run / METRICS, metrics)
            finish_run(run)
    return Trained(run, path, metrics)
