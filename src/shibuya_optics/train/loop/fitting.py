"""From a recipe and what it learns from to a trained network: linear probe, then fine-tune."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.loggers import Logger
from torch import nn

from shibuya_optics.errors import RecipeError
from shibuya_optics.files import write_json, write_whole
from shibuya_optics.train.backbones import backbone_named, load_backbone
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.photos import plain_loader, still_loader, training_loader
from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.probe import Probe, embed, fit_probe
from shibuya_optics.train.loop.teacher import Teacher
from shibuya_optics.train.loop.trainer import finetune, mean_weights
from shibuya_optics.train.recipe import Recipe

# Apart by so much, the members of a soup share no seed with the runs of neighbouring seeds.
MEMBER_SEEDS = 100_003


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network with its head, and the record of what its starting weights come from."""

    network: nn.Module
    head: CosineHead
    lineage: dict[str, Any]


def fit(
    recipe: Recipe, material: Material, folder: Path, *, loggers: Sequence[Logger] = (), progress: bool = False
) -> Fitted:
    """Train by a recipe, or take up what an earlier start has left in the folder.

    Args:
        recipe: what to do.
        material: what to learn from; without validation photos, nothing is validated on the way.
        folder: of this training alone; the probe, checkpoints and the history go there.
        loggers: what follows the training from outside.
        progress: show bars on the terminal.

    Raises:
        DatasetError: fewer than two products, or one without a training photo.
        RecipeError: the contract is not the one that the starting weights were trained under, or an early stop is asked
            for without validation photos.
        WeightsError: the backbone's starting weights are missing.
        RunError: training diverged.
    """
    check_contract(recipe)
    if recipe.finetune.patience and not len(material.validation):
        raise RecipeError(
            "finetune.patience needs validation photos, and there are none: leave it out, or set it to 0."
        )
    torch.manual_seed(recipe.seed)
    start, lineage = load_backbone(recipe.backbone)
    start_head = _probed(start, material, recipe, folder)
    validation = plain_loader(material, material.validation, recipe.contract) if len(material.validation) else None

    def tuned(place: Path, member: int, teacher: Teacher | None, followers: Sequence[Logger] = ()) -> FineTune:
        place.mkdir(parents=True, exist_ok=True)
        own = recipe.model_copy(update={"seed": recipe.seed + MEMBER_SEEDS * member})
        training = training_loader(material, own)
        module = FineTune(
            copy.deepcopy(start),
            copy.deepcopy(start_head),
            own,
            kinds=material.tree.kind_ids,
            epoch_steps=len(training),
            teacher=teacher,
        )
        finetune(module, training, validation, place, loggers=followers, progress=progress)
        return module

    def generation(place: Path, teacher: Teacher | None, followers: Sequence[Logger] = ()) -> FineTune:
        others = [tuned(place / f"member-{member}", member, teacher) for member in range(1, recipe.finetune.members)]
        last = tuned(place, 0, teacher, followers)
        last.load_state_dict(mean_weights([module.state_dict() for module in (last, *others)]))
        return last

    teacher = None
    for number in range(1, recipe.finetune.generations):
        earlier = generation(folder / f"generation-{number}", teacher)
        teacher = Teacher(nn.Sequential(earlier.backbone, earlier.head))
    last = generation(folder, teacher, loggers)
    return Fitted(last.backbone, last.head, lineage)


def check_contract(recipe: Recipe) -> None:
    """Refuse to show a network numbers on another scale than the one that its starting weights were trained on.

    Raises:
        RecipeError: the recipe does.
    """
    wanted, given = backbone_named(recipe.backbone).contract, recipe.contract
    if (given.mean, given.std) != (wanted.mean, wanted.std):
        raise RecipeError(
            f"contract.mean {given.mean} and std {given.std} are not those of {recipe.backbone}'s starting weights: "
            f"give mean {wanted.mean} and std {wanted.std}, or leave them out."
        )


def _probed(network: nn.Module, material: Material, recipe: Recipe, folder: Path) -> CosineHead:
    """The probe's head, from the folder where an earlier start has put it."""
    stored = folder / "probe.npz"
    if stored.exists():
        with np.load(stored, allow_pickle=False) as arrays:
            return Probe(arrays["directions"], float(arrays["scale"])).head()
    vectors, labels = embed(network, still_loader(material, recipe, recipe.probe.views))
    probe = fit_probe(vectors, labels, len(material.tree), recipe.probe.c)
    facts = {"scale": probe.scale}
    if len(material.validation):
        vectors, labels = embed(network, plain_loader(material, material.validation, recipe.contract))
        with torch.no_grad():
            right = probe.head()(torch.from_numpy(vectors)).argmax(dim=1).numpy() == labels
        facts["validation_accuracy"] = float(right.mean())
    write_json(folder / "probe.json", facts)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, directions=probe.directions, scale=probe.scale)
    write_whole(stored, stream.getvalue())
    return probe.head()
