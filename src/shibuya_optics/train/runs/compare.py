"""Two finished runs, judged on the same photos: is one better than the other, and by how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import RunError
from shibuya_optics.evaluate.paired import Comparison, compare
from shibuya_optics.records import Split
from shibuya_optics.train.recipe import dotted
from shibuya_optics.train.runs.predictions import Predictions
from shibuya_optics.train.runs.run_folder import FinishedRun, read_run

MOST_PRODUCTS = 5


@dataclass(frozen=True)
class Shift:
    """A product whose photos the two runs have right to different shares, 0 to 1."""

    label: str
    photos: int
    accuracy_a: float
    accuracy_b: float


@dataclass(frozen=True)
class ComparedRuns:
    """What came out.

    Attributes:
        run_a, run_b: the run folders.
        judged_on: `validation`, `test`, or `out of fold`.
        accuracy_a, accuracy_b: shares, 0 to 1, of the photos.
        comparison: A against B; above 0, A is better.
        options: what differs between the recipes, by option, as [A's, B's].
        better, worse: products that A has right more often than B, and less often; the widest apart first.
    """

    run_a: Path
    run_b: Path
    judged_on: str
    accuracy_a: float
    accuracy_b: float
    comparison: Comparison
    options: dict[str, list[Any]]
    better: list[Shift]
    worse: list[Shift]

    def as_json(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return {
            "run_a": str(self.run_a),
            "run_b": str(self.run_b),
            "judged_on": self.judged_on,
            "accuracy_a": self.accuracy_a,
            "accuracy_b": self.accuracy_b,
            **self.comparison.as_json(),
            "options": self.options,
            "better": [asdict(shift) for shift in self.better],
            "worse": [asdict(shift) for shift in self.worse],
        }


def compare_runs(folder_a: Path, folder_b: Path, split: Split = "test") -> ComparedRuns:
    """Compare two runs by a paired bootstrap over the photos that both were judged on; photos of a group stay together.

    Args:
        folder_a: a run folder.
        folder_b: another.
        split: the photos to judge by, for runs of `optics train`; cross-validations are compared on all photos.

    Raises:
        RunError: a folder is no finished run, or the two were not judged on the same photos.
    """
    runs = read_run(folder_a), read_run(folder_b)
    a, b = (_judged(run, split) for run in runs)
    _check_alike(runs, a, b)
    better, worse = shifts(a, b)
    return ComparedRuns(
        run_a=folder_a,
        run_b=folder_b,
        judged_on="out of fold" if runs[0].verb == "crossval" else split,
        accuracy_a=float(a.right.mean()),
        accuracy_b=float(b.right.mean()),
        comparison=compare(a.right, b.right, [group or None for group in a.groups.tolist()]),
        options=_options(*runs),
        better=better,
        worse=worse,
    )


def shifts(a: Predictions, b: Predictions) -> tuple[list[Shift], list[Shift]]:
    """Products that A has right more often than B, and less often; at most five of each, the widest apart first."""
    each = []
    for product in np.unique(a.truth):
        chosen: NDArray[np.bool_] = a.truth == product
        shares = float(a.right[chosen].mean()), float(b.right[chosen].mean())
        each.append(Shift(a.products[product], int(chosen.sum()), *shares))
    better = sorted(each, key=lambda shift: shift.accuracy_b - shift.accuracy_a)
    return (
        [shift for shift in better if shift.accuracy_a > shift.accuracy_b][:MOST_PRODUCTS],
        [shift for shift in reversed(better) if shift.accuracy_a < shift.accuracy_b][:MOST_PRODUCTS],
    )


def _judged(run: FinishedRun, split: Split) -> Predictions:
    predictions = Predictions.read(run.predictions)
    judged = predictions.in_order() if run.verb == "crossval" else predictions.of_part(split).in_order()
    if not len(judged):
        raise RunError(f"the run in {run.folder} was not judged on {split} photos: give another with --split.")
    return judged


def _check_alike(runs: tuple[FinishedRun, FinishedRun], a: Predictions, b: Predictions) -> None:
    first, second = runs
    pair = f"{first.folder} and {second.folder}"
    if first.verb != second.verb:
        raise RunError(f"{pair} cannot be compared: one is a cross-validation, the other is not.")
    if first.dataset_hash != second.dataset_hash:
        raise RunError(
            f"{pair} were judged on different datasets ({first.dataset_hash[:8]} and {second.dataset_hash[:8]}): "
            "run both recipes on one."
        )
    if not np.array_equal(a.rows, b.rows) or [a.products[i] for i in a.truth] != [b.products[i] for i in b.truth]:
        raise RunError(
            f"{pair} were judged on different photos ({len(a)} and {len(b)}): do they leave out other labels?"
        )


def _options(a: FinishedRun, b: FinishedRun) -> dict[str, list[Any]]:
    of_a, of_b = dotted(a.recipe), dotted(b.recipe)
    return {
        name: [of_a.get(name), of_b.get(name)] for name in sorted({*of_a, *of_b}) if of_a.get(name) != of_b.get(name)
    }
