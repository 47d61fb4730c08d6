"""Cross-validation: each fold is held out in turn, and its photos are judged by a network that has not seen them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError
from shibuya_optics.files import write_json
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.methods.by_recipe import method_of
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.out_of_fold import FoldAccuracy, fold_accuracy, summary
from shibuya_optics.train.runs.predictions import Predictions
from shibuya_optics.train.runs.run_folder import METRICS, OUT_OF_FOLD, PREDICTIONS, finish_run, held, open_run
from shibuya_optics.train.runs.trackers import Tracker, trackers

Told = Callable[[str], None]


@dataclass(frozen=True)
class CrossValidated:
    """A finished cross-validation: its folder, and what was measured, as `out_of_fold.summary` says."""

    run: Path
    metrics: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The cross-validation as a JSON object."""
        return {"run": str(self.run), **self.metrics}


def cross_validate(
    recipe: Recipe, runs: Path, *, progress: bool = False, told: Told = lambda _: None
) -> CrossValidated:
    """Hold out each fold of the dataset in turn, or go on where an unfinished run of the same recipe stands.

    Photos that are copies of held-out ones are not learned from in that turn. The folds' trainings lie in `fold-<k>/`
    below the run folder, and what they say of the photos held out in `out_of_fold.npz`.

    Args:
        recipe: what to do with each fold.
        runs: folder of run folders.
        progress: show bars on the terminal.
        told: takes a line on what comes next.

    Raises:
        DatasetError: the dataset cannot be read, has fewer than two folds, or a fold leaves a product without photos.
        RecipeError: the recipe does not fit the dataset or the starting weights, or asks for an early stop, for which
            there are no photos.
        WeightsError: the backbone's starting weights are missing.
        RunError: training diverged, or another process is at work on the same run.
    """
    with PantryFile.open(recipe.dataset) as file:
        if file.fold_count < 2:
            raise DatasetError(f"{file.path} has no folds: pack the library with `optics pack --folds 5`.")
        method_of(recipe).check(recipe)
        run = open_run(runs, recipe, file.hash, verb="crossval")
        lines, parts = [], []
        with held(run):
            with trackers(run, recipe.options()) as following:
                for fold in range(file.fold_count):
                    told(f"fold {fold + 1} of {file.fold_count}")
                    with following.below(f"fold-{fold}") as tracker:
                        line, held_out = _held_out(recipe, file, fold, run / f"fold-{fold}", tracker, progress=progress)
                    lines.append(line)
                    parts.append(held_out)
                predictions = Predictions.joined(parts)
                metrics = {"dataset_hash": file.hash, **summary(lines, predictions, copied(file)[predictions.rows])}
                following.finish(metrics)
            predictions.write(run / OUT_OF_FOLD)
            write_json(run / METRICS, metrics)
            finish_run(run)
    return CrossValidated(run, metrics)


def _held_out(
    recipe: Recipe, file: PantryFile, fold: int, folder: Path, tracker: Tracker, *, progress: bool
) -> tuple[FoldAccuracy, Predictions]:
    """A fold's line, and what is said of its photos; from its folder, where an earlier start has got as far."""
    turn = file.fold_rows(fold)
    material = Material.of_fold(file, fold, recipe.leave_out, recipe.origins)
    rows = material.known(turn.held_out)
    if not len(rows):
        raise DatasetError(f"fold {fold} of {file.path} holds out no photo of a product that is learned: pack it anew.")
    stored = folder / PREDICTIONS
    if not stored.exists():
        folder.mkdir(exist_ok=True)
        logits = method_of(recipe).logits(recipe, material, rows, folder, tracker, progress=progress)
        Predictions.of(material, rows, logits, folder.name).write(stored)
    held_out = Predictions.read(stored)
    digests = _digests(file)
    copies = int(np.isin(digests, digests[turn.held_out]).sum()) - len(turn.held_out)
    return fold_accuracy(fold, len(material.training), copies, held_out), held_out


def copied(file: PantryFile) -> NDArray[np.bool_]:
    """Whether a photo's stored bytes stand in the dataset more than once, `(photos,)`."""
    _, positions, counts = np.unique(_digests(file), return_inverse=True, return_counts=True)
    several: NDArray[np.bool_] = counts[positions] > 1
    return several


def _digests(file: PantryFile) -> NDArray[np.void]:
    digests: NDArray[np.void] = file.jpeg_sha256.view("V32").ravel()
    return digests
