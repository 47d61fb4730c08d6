"""The method `finetune`: linear probe, then the whole network, in PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from shibuya_optics.senses import Look
from shibuya_optics.train.bundling.assemble import Learned, assembled
from shibuya_optics.train.bundling.made import Made
from shibuya_optics.train.bundling.onnx_export import Centred, export_onnx, largest_difference
from shibuya_optics.train.bundling.prototypes import unit_rows
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import seen_by, still_loader
from shibuya_optics.train.loop.fitting import Fitted, check_contract, fit
from shibuya_optics.train.loop.probe import embed
from shibuya_optics.train.methods.held_out import trained_logits
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.lightning_logger import TrackerLogger
from shibuya_optics.train.runs.trackers import Tracker

PARITY_PHOTOS = 16
HISTORY = "history.csv"


def check(recipe: Recipe) -> None:
    """Refuse a contract on another scale than that of the starting weights.

    Raises:
        RecipeError: it is.
        WeightsError: there is no such backbone.
    """
    check_contract(recipe)


def make(recipe: Recipe, material: Material, folder: Path, tracker: Tracker, *, progress: bool) -> Made:
    """Train, export, and prove that the export is what was trained.

    Raises:
        RunError: training diverged, or the export is not what was trained.
    """
    fitted = fit(recipe, material, folder, loggers=[TrackerLogger(tracker, folder / HISTORY)], progress=progress)
    learned, centred = _learned(fitted, material, recipe)
    bundle = assembled(learned, material, recipe)
    photos = [material.file.photo(row) for row in material.validation[:PARITY_PHOTOS]]
    look = Look(learned.embedder, recipe.contract)
    difference = largest_difference(centred, look, bundle.prototypes, learned.scale, photos)
    return Made(bundle, {"largest_logit_difference": difference})


def _learned(fitted: Fitted, material: Material, recipe: Recipe) -> tuple[Learned, Centred]:
    vectors, classes = embed(fitted.network, still_loader(material, recipe, recipe.bundle.views))
    centre = vectors.mean(axis=0)
    centred = Centred(fitted.network, torch.from_numpy(centre))
    embedder = export_onnx(centred, recipe.contract)
    learned = Learned(
        embedder=embedder,
        contract=recipe.contract,
        licence=recipe.bundle.licence,
        lineage=fitted.lineage,
        directions=fitted.head.unit_directions().detach().numpy(),
        scale=fitted.head.scale.item(),
        vectors=unit_rows(vectors - centre),
        classes=classes,
        held_out=seen_by(Look(embedder, recipe.contract), material, material.validation),
    )
    return learned, centred


def logits(
    recipe: Recipe, material: Material, rows: NDArray[np.intp], folder: Path, tracker: Tracker, *, progress: bool
) -> NDArray[np.float32]:
    """Train, and give the head's logits `(photos, products)` of the rows, as they would be identified.

    Raises:
        RunError: training diverged.
    """
    return trained_logits(
        recipe, material, rows, folder, loggers=[TrackerLogger(tracker, folder / HISTORY)], progress=progress
    )
