"""Those who follow a run from outside: TensorBoard events in the run folder, and MLflow where it is asked for.

A training that was killed and goes on repeats no step: what was told of a number up to a step is not told again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from shibuya_optics.train.runs.event_files import EventFiles
from shibuya_optics.train.runs.mlflow_run import MLFLOW_VARIABLE, MlflowRun

EVENTS = "events"


class Tracker(Protocol):
    """Follows a training."""

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Take numbers by name, of a step; what was told of a number up to a step is not told again."""


class Trackers:
    """Several trackers as one; `below` gives the same for a part of the run, as a fold is."""

    def __init__(self, run: Path, mlflow: MlflowRun | None, part: str = "") -> None:
        self._mlflow, self._run, self._part = mlflow, run, part
        self._events = EventFiles(run / part / EVENTS)

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Hand the numbers to each."""
        self._events.scalars(values, step)
        if self._mlflow:
            prefix = f"{self._part}/" if self._part else ""
            self._mlflow.scalars({prefix + name: value for name, value in values.items()}, step)

    @contextmanager
    def below(self, part: str) -> Iterator[Trackers]:
        """Trackers of a part of the run, closed at the end of the block."""
        inner = Trackers(self._run, self._mlflow, part)
        try:
            yield inner
        finally:
            inner.close()

    def finish(self, metrics: Mapping[str, Any]) -> None:
        """Tell the final metrics, all numbers in the tree by their path, and that the run is over."""
        self.scalars(dict(numbers_in(metrics)), 0)
        if self._mlflow:
            self._mlflow.finish()

    def close(self) -> None:
        """Close what is open."""
        self._events.close()


@contextmanager
def trackers(run: Path, options: Mapping[str, Any]) -> Iterator[Trackers]:
    """The trackers of a run folder, closed at the end of the block; `options` are the recipe's.

    Raises:
        MissingExtraError: MLflow is asked for, and not installed.
        RunError: MLflow cannot be used.
    """
    following = Trackers(run, MlflowRun.of(run, options) if os.environ.get(MLFLOW_VARIABLE) else None)
    try:
        yield following
    finally:
        following.close()


def numbers_in(document: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """All numbers of a JSON object, each with the keys that lead to it, joined by `/`."""
    if isinstance(document, bool):
        return
    if isinstance(document, int | float):
        yield path, float(document)
    elif isinstance(document, Mapping):
        for key, value in document.items():
            yield from numbers_in(value, f"{path}/{key}" if path else str(key))
    elif isinstance(document, Sequence) and not isinstance(document, str):
        for position, value in enumerate(document):
            yield from numbers_in(value, f"{path}/{position}")
