"""Runs the recipe of a finished run again, and says whether the same comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from shibuya_optics.bundle import read_bundle
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import RunError
from shibuya_optics.train.cross_validate import cross_validate
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.run_folder import FinishedRun, file_hashes, read_run
from shibuya_optics.train.runs.surroundings import differences, is_same_machine, surroundings
from shibuya_optics.train.runs.trackers import numbers_in
from shibuya_optics.train.training import train

SAME_MACHINE = 1e-6
"""How far any number may lie from the recorded one where versions and hardware are the same."""
ELSEWHERE = 0.02
"""How far a share of right photos may lie from the recorded one elsewhere; other numbers are not compared there."""
SHARES = ("accuracy", "accuracy_kind", "mean")
NAMED_AT_MOST = 3


@dataclass(frozen=True)
class VerifiedRun:
    """A run that came out again.

    Attributes:
        run: its folder.
        same_machine: whether versions and hardware are those of the run.
        tolerance: how far a number was allowed to lie off.
        compared: how many numbers were compared.
        largest_difference: of them.
        same_network: whether the bundle's network is the same to the last bit; None for a cross-validation.
        differences: of versions, hardware and source, by name, each as [then, now].
    """

    run: str
    same_machine: bool
    tolerance: float
    compared: int
    largest_difference: float
    same_network: bool | None
    differences: dict[str, list[Any]]

    def as_json(self) -> dict[str, Any]:
        """The result as a JSON object."""
        return asdict(self)


def check_files(folder: Path) -> FinishedRun:
    """The run, whose files are those that it was finished with.

    Raises:
        RunError: it is no finished run, or a file was changed, is missing, or was added.
    """
    run = read_run(folder)
    found = file_hashes(folder)
    odd = [name for name in sorted({*found, *run.files}) if found.get(name) != run.files.get(name)]
    if odd:
        more = f" and {len(odd) - NAMED_AT_MOST} more" if len(odd) > NAMED_AT_MOST else ""
        raise RunError(
            f"the run in {folder} was changed since it was finished: {', '.join(odd[:NAMED_AT_MOST])}{more}."
        )
    return run


def verify_run(folder: Path, *, progress: bool = False) -> VerifiedRun:
    """Check a run's files and its dataset, run its recipe again in a temporary folder, and compare the metrics.

    Where versions and hardware are those of the run, every number has to be the same within 1e-6; elsewhere the shares of
    right photos within 0.02.

    Raises:
        RunError: it is no finished run, its files or its dataset were changed, or something else comes out.
        DatasetError: the dataset is gone.
    """
    run = check_files(folder)
    if run.verb == "strangers":
        raise RunError(f"{folder} is a protocol of strangers: run `optics evaluate --strangers` by its recipe again.")
    recipe = _recipe(run)
    _check_dataset(run, recipe)
    with TemporaryDirectory(prefix="optics-verify-") as temporary:
        again = _repeated(run, recipe, Path(temporary), progress=progress)
        here = surroundings()
        same_network = None
        if run.verb == "train":
            same_network = _network(folder, recipe) == _network(again.folder, recipe)
    same = is_same_machine(run.record, here)
    tolerance = SAME_MACHINE if same else ELSEWHERE
    apart = differences_of(run.metrics, again.metrics, shares_only=not same)
    largest = max(apart.values())
    if not largest <= tolerance:
        worst = max(apart, key=lambda name: apart[name])
        raise RunError(
            f"run again, {folder} does not come out the same: {worst} differs by {largest:.2g}, at most {tolerance:g} is "
            f"accepted{_why(run, here)}."
        )
    return VerifiedRun(
        run=str(folder),
        same_machine=same,
        tolerance=tolerance,
        compared=len(apart),
        largest_difference=largest,
        same_network=same_network,
        differences=differences(run.record, here),
    )


def differences_of(was: Mapping[str, Any], now: Mapping[str, Any], *, shares_only: bool = False) -> dict[str, float]:
    """How far each number of two records of metrics lies from the other's, by path; infinite where one is missing.

    Args:
        was: the one.
        now: the other.
        shares_only: leave out all but shares of right photos.
    """
    then, here = dict(numbers_in(was)), dict(numbers_in(now))
    names = {name for name in {*then, *here} if not shares_only or _is_share(name)}
    return {
        name: abs(then[name] - here[name]) if name in then and name in here else float("inf") for name in sorted(names)
    }


def _is_share(name: str) -> bool:
    return name.rpartition("/")[2] in SHARES and not name.startswith("folds/")


def _recipe(run: FinishedRun) -> Recipe:
    try:
        return Recipe.model_validate(run.recipe)
    except ValidationError as error:
        raise RunError(
            f"the recipe of {run.folder} is not one of this version ({error.errors()[0]['msg']})."
        ) from error


def _check_dataset(run: FinishedRun, recipe: Recipe) -> None:
    with PantryFile.open(recipe.dataset) as file:
        if file.hash != run.dataset_hash:
            raise RunError(
                f"the dataset {recipe.dataset} is not the one of {run.folder} (content hash {file.hash[:8]}, then "
                f"{run.dataset_hash[:8]}): pack the library as it was."
            )


def _repeated(run: FinishedRun, recipe: Recipe, runs: Path, *, progress: bool) -> FinishedRun:
    if run.verb == "crossval":
        return read_run(cross_validate(recipe, runs, progress=progress).run)
    return read_run(train(recipe, runs, progress=progress).run)


def _network(folder: Path, recipe: Recipe) -> str:
    return hashlib.sha256(read_bundle(folder / f"{recipe.name}.optics").embedder).hexdigest()


def _why(run: FinishedRun, here: Mapping[str, Any]) -> str:
    changed = differences(run.record, here)
    return f"; since then changed: {', '.join(changed)}" if changed else ""
