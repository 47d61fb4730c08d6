"""`optics train RECIPE`: a run folder and a bundle."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shibuya_optics.cli.output import emit, examples, json_option
from shibuya_optics.errors import MissingExtraError


@click.command(
    epilog=examples(
        "optics train recipes/pantry-mobile.toml",
        "optics train recipes/pantry-mobile.toml --runs /data/runs --json",
    )
)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Folder of run folders."
)
@json_option
def train(recipe: Path, runs: Path, json_mode: bool) -> None:
    """Train a network by RECIPE (a TOML file): linear probe, fine-tune, export, measure.

    The run folder holds the resolved recipe, the record of versions and hardware, the history, the metrics and the
    bundle. A run that was interrupted is taken up again at its last whole epoch.
    """
    try:
        from shibuya_optics.train.recipe import read_recipe
        from shibuya_optics.train.training import train as run_training
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"training (it lacks {error.name})") from error
    trained = run_training(read_recipe(recipe), runs, progress=not json_mode and sys.stderr.isatty())
    emit(trained.as_json(), json_mode, trained.as_text())
