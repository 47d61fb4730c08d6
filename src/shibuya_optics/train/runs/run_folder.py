"""Run folders: one a run, with all that is needed to know how its numbers came about. `docs/runs.md` describes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from shibuya_optics.errors import RunError
from shibuya_optics.files import alone_in, write_json
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.surroundings import differences, surroundings

RECIPE, RECORD, METRICS, FINISHED = "recipe.json", "record.json", "metrics.json", "finished"
PREDICTIONS, OUT_OF_FOLD = "predictions.npz", "out_of_fold.npz"
READ_ONLY = 0o444
Verb = Literal["train", "crossval", "strangers"]


def open_run(
    root: Path, recipe: Recipe, dataset_hash: str, now: datetime | None = None, *, verb: Verb = "train"
) -> Path:
    """The newest unfinished run of this recipe on this dataset, or a new folder `<time>-<name>-<hash8>` for one.

    Taking a run up again is put on its record, with what has changed since it was begun.

    Args:
        root: folder of all runs.
        recipe: what is run.
        dataset_hash: content hash of the dataset.
        now: time for the name of a new folder; the present by default.
        verb: what is done by the recipe.

    Raises:
        RunError: the folder cannot be made, or another process is at work on the unfinished run.
    """
    digest = hashlib.sha256(f"{verb} {recipe.hash()} {dataset_hash}".encode()).hexdigest()[:8]
    moment = now or datetime.now(UTC)
    begun = [
        folder
        for folder in sorted(root.glob(f"*-{recipe.name}-{digest}"))
        if (folder / RECORD).exists() and not (folder / FINISHED).exists()
    ]
    if begun:
        with held(begun[-1]):
            _record_resumption(begun[-1], moment)
        return begun[-1]
    run = root / f"{moment:%Y%m%dT%H%M%S}-{recipe.name}-{digest}"
    try:
        run.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"no run folder can be made at {run}: {error.strerror}.") from error
    write_json(run / RECIPE, recipe.as_json())
    facts = {"verb": verb, "dataset_hash": dataset_hash, "seed": recipe.seed, "begun_at": moment.isoformat()}
    write_json(run / RECORD, {**facts, **surroundings()})
    return run


def _record_resumption(run: Path, moment: datetime) -> None:
    record = json.loads((run / RECORD).read_text("utf-8"))
    again = {"at": moment.isoformat(), "changed": differences(record, surroundings())}
    write_json(run / RECORD, {**record, "resumed": [*record.get("resumed", []), again]})


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Keep other processes from the run for the length of the block.

    Raises:
        RunError: another process has it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(alone_in(run, wait=False))
        except BlockingIOError:
            raise RunError(f"another process is at work on {run}: wait for it, or stop it first.") from None
        yield


def finish_run(run: Path) -> None:
    """Mark a run as finished, with the hash of each of its files; they can be read from now on, and not be written."""
    hashes = file_hashes(run)
    for name in hashes:
        (run / name).chmod(READ_ONLY)
    write_json(run / FINISHED, {"finished_at": datetime.now(UTC).isoformat(), "files": hashes})
    (run / FINISHED).chmod(READ_ONLY)


def file_hashes(run: Path) -> dict[str, str]:
    """SHA-256, in hex, of every file of a run but the marker, by its path below the run folder."""
    paths = sorted(path for path in run.rglob("*") if path.is_file() and path != run / FINISHED)
    return {path.relative_to(run).as_posix(): _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class FinishedRun:
    """A finished run, read.

    Attributes:
        folder: the run's.
        verb: what was done by the recipe.
        recipe: resolved, a JSON object.
        record: what was run when, where and on which dataset.
        metrics: what was measured.
        files: SHA-256 of each file when the run was finished, by path.
    """

    folder: Path
    verb: Verb
    recipe: Mapping[str, Any]
    record: Mapping[str, Any]
    metrics: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def dataset_hash(self) -> str:
        """The content hash of the dataset."""
        return str(self.record["dataset_hash"])

    @property
    def predictions(self) -> Path:
        """The file of what was said of each photo."""
        return self.folder / (OUT_OF_FOLD if self.verb == "crossval" else PREDICTIONS)


def read_run(folder: Path) -> FinishedRun:
    """A finished run.

    Raises:
        RunError: the folder is none, is of a run that is not finished, or of one that an older version made.
    """
    if not (folder / RECORD).is_file():
        raise RunError(f"{folder} is no run folder: give one that `optics train` or `optics crossval` made.")
    if not (folder / FINISHED).exists():
        raise RunError(f"the run in {folder} is not finished: run its recipe again, and it goes on where it stands.")
    try:
        documents = [json.loads((folder / name).read_text("utf-8")) for name in (RECIPE, RECORD, METRICS, FINISHED)]
        recipe, record, metrics, finished = documents
        return FinishedRun(folder, record["verb"], recipe, record, metrics, finished["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"the run in {folder} does not read, or an older version made it: run its recipe again."
        ) from error
