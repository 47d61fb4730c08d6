"""Run folders: one a training run, with all that is needed to know how its bundle came about."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from shibuya_optics import __version__
from shibuya_optics.errors import RunError
from shibuya_optics.files import write_json, write_whole
from shibuya_optics.train.recipe import Recipe

PACKAGES = ("torch", "lightning", "numpy", "opencv-python-headless", "scikit-learn", "simplejpeg", "pillow", "onnx")
FINISHED = "finished"
Verb = Literal["train", "crossval"]


def open_run(
    root: Path, recipe: Recipe, dataset_hash: str, now: datetime | None = None, *, verb: Verb = "train"
) -> Path:
    """The newest unfinished run of this recipe on this dataset, or a new folder `<time>-<name>-<hash8>` for one.

    Args:
        root: folder of all runs.
        recipe: what is run.
        dataset_hash: content hash of the dataset.
        now: time for the name of a new folder; the present by default.
        verb: what is done by the recipe.

    Raises:
        RunError: the folder cannot be made.
    """
    digest = _digest(recipe, dataset_hash, verb)
    begun = [folder for folder in sorted(root.glob(f"*-{recipe.name}-{digest}")) if not (folder / FINISHED).exists()]
    if begun:
        return begun[-1]
    moment = now or datetime.now(UTC)
    run = root / f"{moment:%Y%m%dT%H%M%S}-{recipe.name}-{digest}"
    try:
        run.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"no run folder can be made at {run}: {error.strerror}.") from error
    write_json(run / "recipe.json", recipe.as_json())
    facts = {"verb": verb, "dataset_hash": dataset_hash, "begun_at": moment.isoformat(), **_surroundings()}
    write_json(run / "record.json", facts)
    return run


def finish_run(run: Path) -> None:
    """Mark a run as finished: it is not written to again."""
    write_whole(run / FINISHED, (datetime.now(UTC).isoformat() + "\n").encode())


def _digest(recipe: Recipe, dataset_hash: str, verb: Verb) -> str:
    return hashlib.sha256(f"{verb} {recipe.hash()} {dataset_hash}".encode()).hexdigest()[:8]


def _surroundings() -> dict[str, Any]:
    """Versions, processor and state of the source, as far as they can be known."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {
        "shibuya_optics": __version__,
        "python": platform.python_version(),
        "packages": versions,
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "git": _git_state(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _git_state() -> dict[str, Any] | None:
    """Commit, and whether files differ from it; None outside a git checkout."""
    here = Path(__file__).parent
    try:
        commit, changes = (
            subprocess.run(  # noqa: S603 - fixed words, and git is wherever the person has it
                ["git", *arguments],  # noqa: S607
                cwd=here,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "changed": bool(changes)}
