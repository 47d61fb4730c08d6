"""`optics train RECIPE` and `optics crossval RECIPE`: run folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from shibuya_optics.cli.output import emit, examples, json_option, table
from shibuya_optics.errors import MissingExtraError

runs_option = click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Folder of run folders."
)
MOST_NAMED = 5


@click.command(
    epilog=examples(
        "optics train recipes/pantry-mobile.toml",
        "optics train recipes/pantry-mobile.toml --runs /data/runs --json",
    )
)
@click.argument("recipe", type=click.Path(path_type=Path))
@runs_option
@json_option
def train(recipe: Path, runs: Path, json_mode: bool) -> None:
    """Train a network by RECIPE (a TOML file): linear probe, fine-tune, export, measure.

    With `method = "frozen"` in the recipe, a bundle's network stays as it is, and only a head is learned: that takes
    seconds once its photos have been looked at, and needs no PyTorch.

    The run folder holds the resolved recipe, the record of versions and hardware, the history, the metrics and the
    bundle. A run that was interrupted is taken up again at its last whole epoch.
    """
    try:
        from shibuya_optics.train.recipe import read_recipe
        from shibuya_optics.train.training import train as run_training
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", f"training (it lacks {error.name})") from error
    trained = run_training(read_recipe(recipe), runs, progress=not json_mode and sys.stderr.isatty())
    emit(trained.as_json(), json_mode, trained.as_text())


@click.command(
    epilog=examples(
        "optics crossval recipes/freiburg-five-folds.toml",
        "optics crossval recipes/freiburg-five-folds.toml --runs /data/runs --json",
    )
)
@click.argument("recipe", type=click.Path(path_type=Path))
@runs_option
@json_option
def crossval(recipe: Path, runs: Path, json_mode: bool) -> None:
    """Train by RECIPE (a TOML file) once for each fold of its dataset, each time without that fold, and judge on it.

    The folds are those that the dataset file holds. Nothing is validated on the way: the photos held out are looked at
    once, at the end. Photos that are copies of held-out ones are not learned from. The run folder keeps what was said of
    every photo out of fold, in `out_of_fold.npz`. A run that was interrupted is taken up again.
    """
    try:
        from shibuya_optics.train.cross_validate import cross_validate
        from shibuya_optics.train.recipe import read_recipe
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", f"training (it lacks {error.name})") from error
    shown = not json_mode and sys.stderr.isatty()
    done = cross_validate(
        read_recipe(recipe), runs, progress=shown, told=lambda line: click.echo(line, err=True) if shown else None
    )
    emit(done.as_json(), json_mode, _as_text(done.as_json()))


def _as_text(document: dict[str, Any]) -> str:
    shares = ("accuracy", "accuracy_kind")
    folds = [
        (str(fold["fold"]), fold["learned"], fold["photos"], *(f"{fold[share]:.3f}" for share in shares))
        for fold in document["folds"]
    ]
    mean_and_sd = [(name, "", "", *(f"{document[share][name]:.3f}" for share in shares)) for name in ("mean", "sd")]
    pooled = [
        (name.replace("_", " "), "", part["photos"], *(f"{part[share]:.3f}" for share in shares))
        for name, part in ((name, document[name]) for name in ("pooled", "without_copies"))
        if part["photos"]
    ]
    low, high = document["pooled"]["interval95"]
    confusions = [
        f"  {confusion['photos']} of {confusion['truth']} taken for {confusion['taken_for']}"
        for confusion in document["confusions"][:MOST_NAMED]
    ]
    return "\n".join(
        [
            table(("fold", "learned", "photos", *shares), [*folds, *mean_and_sd, *pooled]),
            f"pooled accuracy, 95 %: {low:.3f} to {high:.3f}",
            *(["most confused:", *confusions] if confusions else []),
            f"run     {document['run']}",
        ]
    )
