"""A training's history, handed to a run's tracker whenever Lightning has something to log."""

from __future__ import annotations

import csv
from argparse import Namespace
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger

from shibuya_optics.train.runs.trackers import Tracker


class TrackerLogger(Logger):
    """Tells the tracker every line of `history.csv`; its steps are epochs, counted from 1.

    Lightning logs an epoch's loss after its checkpoint is written, so that a kill between the two would lose it. The
    history is written before, and what a tracker was told it takes no second time.
    """

    def __init__(self, tracker: Tracker, history: Path) -> None:
        super().__init__()
        self.tracker, self.history = tracker, history

    @property
    def name(self) -> str:
        """What Lightning calls it."""
        return "tracker"

    @property
    def version(self) -> str:
        """Lightning asks for one."""
        return "0"

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Tell what the history holds by now."""
        if self.history.exists():
            with self.history.open(encoding="utf-8", newline="") as file:
                for line in csv.DictReader(file):
                    epoch = int(line.pop("epoch"))
                    self.tracker.scalars({name: float(value) for name, value in line.items()}, epoch)

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """The run folder has the recipe."""
