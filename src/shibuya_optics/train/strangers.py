"""The protocol of near strangers: some products are left out of training, and are strangers to the network that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, read_bundle, write_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, InputError
from shibuya_optics.evaluate.few_shot import Seen
from shibuya_optics.evaluate.left_out import LeftOut, judge_left_out, means
from shibuya_optics.evaluate.strangers import near_strangers
from shibuya_optics.files import write_json
from shibuya_optics.photo import PhotoSource, read_photo
from shibuya_optics.senses import Look
from shibuya_optics.train.data.cached_vectors import cached_vectors
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.methods.by_recipe import method_of
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.run_folder import METRICS, finish_run, held, open_run, read_run
from shibuya_optics.train.runs.trackers import trackers

TESTED_FOLD, VALIDATION_FOLD = 0, 1
AT_ONCE = 64


@dataclass(frozen=True)
class Strangers:
    """A finished protocol: its run folder, and its numbers: `draws`, one object each, and their `mean`."""

    run: Path
    metrics: dict[str, object]

    def as_json(self) -> dict[str, object]:
        """The protocol as a JSON object."""
        return {"run": str(self.run), **self.metrics}


def strangers_protocol(
    recipe: Recipe,
    runs: Path,
    far: Sequence[PhotoSource],
    draws: int,
    *,
    progress: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> Strangers:
    """Train by a recipe once a draw, without the products of `near_strangers`, and judge each network; or go on where a run stands.

    Each draw lies in `draw-<k>/` below the run folder, with its bundle. Judged are the test photos. A dataset that has folds, and no
    test split, is judged on its fold 0, and validated on fold 1.

    Args:
        recipe: what to do; what it leaves out by itself is neither learned nor a stranger.
        runs: folder of run folders.
        far: photos of no product; may be empty.
        draws: how many, 1 or more.
        progress: show bars on the terminal.
        told: takes a line on what comes next.

    Raises:
        InputError: there are no draws.
        DatasetError: the dataset cannot be read, has neither splits nor folds, or too few products.
        RecipeError: the recipe does not fit the dataset, the starting weights or its method.
        WeightsError: the backbone's starting weights are missing.
        RunError: training diverged, or another process is at work on the same run.
    """
    if draws < 1:
        raise InputError(f"{draws} draws: give 1 or more.")
    method = method_of(recipe)
    with PantryFile.open(recipe.dataset) as file:
        method.check(recipe)
        everything = _material(file, recipe, ())
        run = open_run(runs, recipe, file.hash, verb="strangers")
        lines = []
        with held(run):
            with trackers(run, recipe.options()) as following:
                for draw in range(draws):
                    strangers = near_strangers(everything.tree, draw)
                    told(f"draw {draw + 1} of {draws}: without {', '.join(strangers)}")
                    material = _material(file, recipe, strangers)
                    path = _bundle_path(run, recipe, draw)
                    if not path.exists():
                        folder = path.parent
                        folder.mkdir(exist_ok=True)
                        with following.below(folder.name) as tracker:
                            write_bundle(method.make(recipe, material, folder, tracker, progress=progress).bundle, path)
                    bundle = read_bundle(path)
                    photos = _photos(bundle, material, everything, far, progress=progress)
                    judged = judge_left_out(bundle, photos, (0, draw))
                    lines.append({"draw": draw, "left_out": list(strangers), **judged})
                metrics: dict[str, object] = {"dataset_hash": file.hash, "draws": lines, "mean": means(lines)}
                following.finish(metrics)
            write_json(run / METRICS, metrics)
            finish_run(run)
    return Strangers(run, metrics)


class Draw(NamedTuple):
    """A network of the protocol, and what it sees."""

    bundle: Bundle
    photos: LeftOut


def finished_draws(run: Path, far: Sequence[PhotoSource] = ()) -> Iterator[Draw]:
    """The networks of a finished protocol, to measure more of them.

    Args:
        run: its run folder.
        far: photos of no product.

    Raises:
        RunError: it is not finished.
        DatasetError: its dataset cannot be read.
    """
    finished = read_run(run)
    recipe = Recipe.model_validate(finished.recipe)
    with PantryFile.open(recipe.dataset) as file:
        everything = _material(file, recipe, ())
        for line in finished.metrics["draws"]:
            bundle = read_bundle(_bundle_path(run, recipe, line["draw"]))
            material = _material(file, recipe, tuple(line["left_out"]))
            yield Draw(bundle, _photos(bundle, material, everything, far, progress=False))


def _bundle_path(run: Path, recipe: Recipe, draw: int) -> Path:
    return run / f"draw-{draw}" / f"{recipe.name}-{draw}.optics"


def _material(file: PantryFile, recipe: Recipe, strangers: tuple[str, ...]) -> Material:
    left_out = (*recipe.leave_out, *strangers)
    if len(file.rows("test")):
        return Material.of_splits(file, left_out, recipe.origins)
    if file.fold_count <= VALIDATION_FOLD + 1:
        raise DatasetError(f"{file.path} has neither a test split nor three folds: pack a library that has them.")
    learned, validation = file.fold_rows(TESTED_FOLD).learned, file.folds == VALIDATION_FOLD
    rows = learned[~validation[learned]], learned[validation[learned]]
    return Material.of_rows(file, *rows, left_out, recipe.origins)


def _tested(file: PantryFile) -> NDArray[np.intp]:
    rows = file.rows("test")
    return rows if len(rows) else file.fold_rows(TESTED_FOLD).held_out


def _photos(
    bundle: Bundle, material: Material, everything: Material, far: Sequence[PhotoSource], *, progress: bool
) -> LeftOut:
    """What the network sees in the photos that it is judged by, and in those that its strangers are taught from."""
    file = material.file
    vectors = cached_vectors(file, bundle.embedder, bundle.contract, progress=progress)
    strange = (material.classes < 0) & (everything.classes >= 0)
    tested = _tested(file)

    def seen(rows: NDArray[np.intp]) -> Seen:
        return Seen(vectors[rows], tuple(file.tree.products[file.labels[row]] for row in rows))

    look = Look(bundle.embedder, bundle.contract)
    parts = [np.empty((0, bundle.embedding_size), np.float32)]
    for start in range(0, len(far), AT_ONCE):
        pixels = [read_photo(photo, short_side=bundle.contract.resize) for photo in far[start : start + AT_ONCE]]
        parts.append(look.vectors(pixels))
    return LeftOut(
        known=seen(material.known(tested)),
        near=seen(tested[strange[tested]]),
        far=np.concatenate(parts),
        lessons=seen(everything.training[strange[everything.training]]),
    )
