"""The history of a training: one line an epoch."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from shibuya_optics.files import write_whole


class History(Callback):
    """One line an epoch in a CSV file, rewritten whole; the lines travel in the checkpoint, so a resume keeps them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """The lines so far."""
        return {"lines": self.lines}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the lines of a checkpoint."""
        self.lines = list(state_dict["lines"])

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the line of the epoch that ended."""
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        rate = float(trainer.optimizers[0].param_groups[0]["lr"])
        self.lines.append({"epoch": trainer.current_epoch + 1, "backbone_rate": rate, **dict(sorted(metrics.items()))})
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self.lines[-1]))
        writer.writeheader()
        writer.writerows(self.lines)
        write_whole(self.path, text.getvalue().encode())
