"""The MLflow run that belongs to a run folder."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shibuya_optics.errors import MissingExtraError, RunError
from shibuya_optics.files import write_json

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

MLFLOW = "mlflow.json"
MLFLOW_VARIABLE = "MLFLOW_TRACKING_URI"
EXPERIMENT = "shibuya-optics"


class MlflowRun:
    """Made once, and found again by the id that the run folder keeps."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._client, self._run_id = client, run_id
        self._told: dict[str, int] = {}

    @classmethod
    def of(cls, run: Path, options: Mapping[str, Any]) -> MlflowRun:
        """The MLflow run of a run folder; `options` are its parameters.

        Raises:
            MissingExtraError: MLflow is not installed.
            RunError: MLflow cannot be used.
        """
        try:
            from mlflow.exceptions import MlflowException
            from mlflow.tracking import MlflowClient
        except ModuleNotFoundError as error:
            raise MissingExtraError("track", f"{MLFLOW_VARIABLE} (it lacks {error.name})") from error
        try:
            client = MlflowClient()
            return cls(client, _mlflow_id(client, run, options))
        except (MlflowException, OSError) as error:
            raise RunError(
                f"MLflow at {os.environ[MLFLOW_VARIABLE]} cannot be used ({error}): start it, or unset {MLFLOW_VARIABLE}."
            ) from error

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Log metrics; a server that went away ends no training."""
        try:
            for name, value in values.items():
                if step > self._last_step(name):
                    self._client.log_metric(self._run_id, name, value, step=step)
                    self._told[name] = step
        except Exception as error:  # noqa: BLE001 - whatever MLflow's client or network raise
            logging.getLogger(__name__).warning("MLflow was not told of step %d: %s", step, error)

    def finish(self) -> None:
        """Tell MLflow that the run has ended well."""
        self._client.set_terminated(self._run_id)

    def _last_step(self, name: str) -> int:
        if name not in self._told:
            history = self._client.get_metric_history(self._run_id, name)
            self._told[name] = max((metric.step for metric in history), default=-1)
        return self._told[name]


def _mlflow_id(client: MlflowClient, run: Path, options: Mapping[str, Any]) -> str:
    stored = run / MLFLOW
    if stored.exists():
        return str(json.loads(stored.read_text("utf-8"))["run_id"])
    experiment = client.get_experiment_by_name(EXPERIMENT)
    experiment_id = experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT)
    run_id = str(client.create_run(experiment_id, run_name=run.name).info.run_id)
    for name, value in options.items():
        client.log_param(run_id, name, value)
    write_json(stored, {"run_id": run_id})
    return run_id
