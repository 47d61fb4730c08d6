"""A training run from recipe to bundle."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from shibuya_optics.bundle import LEARNED_WEIGHT, Bundle, write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, RecipeError
from shibuya_optics.files import write_whole
from shibuya_optics.recognise import Catalogue
from shibuya_optics.senses import Look
from shibuya_optics.train.account import measured
from shibuya_optics.train.backbones import backbone_named, load_backbone
from shibuya_optics.train.calibrate import measure_decision
from shibuya_optics.train.export import (
    Centred,
    choose_exemplars,
    export_onnx,
    largest_difference,
    make_prototypes,
    unit_rows,
)
from shibuya_optics.train.finetune import FineTune, finetune
from shibuya_optics.train.head import CosineHead
from shibuya_optics.train.photos import EpochSampler, TrainingViews, plain_loader, seen_by
from shibuya_optics.train.probe import Probe, embed, fit_probe
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.run_folder import finish_run, open_run, write_json

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
        RecipeError: the contract is not the one that the starting weights were trained under.
        WeightsError: the backbone's starting weights are missing.
        RunError: training diverged, or the export is not what was trained.
    """
    with PantryFile.open(recipe.dataset) as file:
        for split in ("train", "validation"):
            if not len(file.rows(split)):
                raise DatasetError(f"{recipe.dataset} has no {split} photos: pack a library that has them.")
        _check_contract(recipe)
        run = open_run(runs, recipe, file.hash)
        torch.manual_seed(recipe.seed)
        network, lineage = load_backbone(recipe.backbone)
        head = _probed(network, file, recipe, run)
        _finetuned(network, head, file, recipe, run, progress=progress)
        bundle, difference = _bundled(network, head, file, recipe, lineage)
        bundle, metrics = measured(bundle, file, recipe)
    metrics["largest_logit_difference"] = difference
    path = write_bundle(bundle, run / f"{recipe.name}.optics")
    write_json(run / "metrics.json", metrics)
    finish_run(run)
    return Trained(run, path, metrics)


def _check_contract(recipe: Recipe) -> None:
    """Refuse to show a network numbers on another scale than the one that its starting weights were trained on."""
    wanted, given = backbone_named(recipe.backbone).contract, recipe.contract
    if (given.mean, given.std) != (wanted.mean, wanted.std):
        raise RecipeError(
            f"contract.mean {given.mean} and std {given.std} are not those of {recipe.backbone}'s starting weights: "
            f"give mean {wanted.mean} and std {wanted.std}, or leave them out."
        )


def _probed(network: nn.Module, file: PantryFile, recipe: Recipe, run: Path) -> CosineHead:
    """The probe's head, from the run folder where an earlier start has put it."""
    stored = run / "probe.npz"
    if stored.exists():
        with np.load(stored, allow_pickle=False) as arrays:
            return Probe(arrays["directions"], float(arrays["scale"])).head()
    vectors, labels = embed(network, plain_loader(file, file.rows("train"), recipe.contract))
    probe = fit_probe(vectors, labels, len(file.tree), recipe.probe.c)
    vectors, labels = embed(network, plain_loader(file, file.rows("validation"), recipe.contract))
    with torch.no_grad():
        right = probe.head()(torch.from_numpy(vectors)).argmax(dim=1).numpy() == labels
    write_json(run / "probe.json", {"validation_accuracy": float(right.mean()), "scale": probe.scale})
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, directions=probe.directions, scale=probe.scale)
    write_whole(stored, stream.getvalue())
    return probe.head()


def _finetuned(
    network: nn.Module, head: CosineHead, file: PantryFile, recipe: Recipe, run: Path, *, progress: bool
) -> None:
    """Fine-tune network and head in place."""
    rows, options = file.rows("train"), recipe.finetune
    views = TrainingViews(file, rows, recipe.contract, recipe.views, recipe.seed)
    training = DataLoader(
        views, batch_size=options.batch_size, sampler=EpochSampler(len(rows), recipe.seed), num_workers=0
    )
    validation = plain_loader(file, file.rows("validation"), recipe.contract)
    finetune(FineTune(network, head, options, recipe.seed, len(training)), training, validation, run, progress=progress)


def _ancestors(file: PantryFile) -> list[dict[str, Any]]:
    """Where the photos trained on come from, as records of lineage."""
    return [{"name": f"photos {source['origin']}", **source, "dataset_hash": file.hash} for source in file.sources]


def _bundled(
    network: nn.Module, head: CosineHead, file: PantryFile, recipe: Recipe, lineage: dict[str, Any]
) -> tuple[Bundle, float]:
    """The bundle, not yet measured, and the largest difference of its logits from PyTorch's."""
    vectors, labels = embed(network, plain_loader(file, file.rows("train"), recipe.contract))
    centre = vectors.mean(axis=0)
    vectors = unit_rows(vectors - centre)
    centred = Centred(network, torch.from_numpy(centre))
    prototypes = make_prototypes(head.unit_directions().detach().numpy(), vectors, labels)
    kept = choose_exemplars(vectors, labels, recipe.bundle.exemplars)
    catalogue = Catalogue(
        tree=file.tree,
        prototypes=prototypes,
        prototype_weights=np.full(len(file.tree), LEARNED_WEIGHT, np.float32),
        exemplars=vectors[kept].astype(np.float16),
        exemplar_products=labels[kept].astype(np.int32),
        taught=frozenset(),
    )
    embedder, scale, rows = export_onnx(centred, recipe.contract), head.scale.item(), file.rows("validation")
    look = Look(embedder, recipe.contract)
    difference = largest_difference(centred, look, prototypes, scale, [file.photo(r) for r in rows[:PARITY_PHOTOS]])
    held_out = seen_by(look, file, rows)
    decision = measure_decision(catalogue, scale, held_out, file.labels[rows], recipe.bundle.refused)
    bundle = Bundle(
        name=recipe.name,
        embedder=embedder,
        contract=recipe.contract,
        tree=file.tree,
        prototypes=catalogue.prototypes,
        exemplars=catalogue.exemplars,
        exemplar_products=catalogue.exemplar_products,
        decision=decision,
        licence=recipe.bundle.licence,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lineage=(lineage, *_ancestors(file)),
    )
    return bundle, difference
