"""The protocol of near strangers, `optics evaluate RECIPE DATASET --strangers protocol`: its document and its text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shibuya_optics.cli.output import emit, table, warn
from shibuya_optics.errors import MissingExtraError

PROTOCOL = "protocol"
RECIPE_SUFFIX = ".toml"


def show_protocol(
    source: Path, dataset: Path, runs: Path, unknown: Path | None, draws: int, *, json_mode: bool
) -> None:
    """Run the protocol by a recipe, or take a finished run of it, and print what was measured.

    Raises:
        UsageError: the source is neither a recipe nor a run folder.
    """
    if source.is_dir():
        document = _finished(source)
    elif source.suffix == RECIPE_SUFFIX:
        document = _run(source, dataset, runs, unknown, draws, json_mode=json_mode)
    else:
        raise click.UsageError(
            f"--strangers {PROTOCOL} trains networks that have not seen the strangers: in the place of {str(source)!r} give a "
            "recipe, as in recipes/strangers.toml, or the run folder of an earlier protocol."
        )
    emit(document, json_mode, _text(document))


def _run(
    source: Path, dataset: Path, runs: Path, unknown: Path | None, draws: int, *, json_mode: bool
) -> dict[str, Any]:
    from shibuya_optics.photo import find_photos

    try:
        from shibuya_optics.train.recipe import read_recipe
        from shibuya_optics.train.strangers import strangers_protocol
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", f"leaving products out of training (it lacks {error.name})") from error
    recipe = read_recipe(source).model_copy(update={"dataset": str(dataset)})
    if unknown is None:
        warn("no --unknown FOLDER of photos of no product: far strangers are left out.")
    far = list(find_photos(unknown)) if unknown else []
    told = (lambda _: None) if json_mode else (lambda line: click.echo(line, err=True))
    return strangers_protocol(recipe, runs, far, draws, progress=not json_mode, told=told).as_json()


def _finished(folder: Path) -> dict[str, Any]:
    from shibuya_optics.errors import RunError
    from shibuya_optics.train.runs.run_folder import read_run

    run = read_run(folder)
    if run.verb != "strangers":
        raise RunError(f"{folder} is a run of `optics {run.verb}`: give one of `--strangers {PROTOCOL}`, or a recipe.")
    if "times" not in run.metrics["mean"]["taught"]:
        raise RunError(
            f"{folder} was judged by an older version: run the protocol again by its recipe, or read {folder / 'metrics.json'}."
        )
    return {"run": str(folder), **run.metrics}


def _text(document: Mapping[str, Any]) -> str:
    average = document["mean"]
    sides = [side for side in ("near", "far") if side in average]
    heading = ("score", *(f"{side}.{metric}" for side in sides for metric in ("auroc", "fpr95")))
    rows = [
        (name, *(f"{average[side][name][metric]:.3f}" for side in sides for metric in ("auroc", "fpr95")))
        for name in average["near"]
    ]
    useful, taught = average["usefulness"], average["taught"]
    lines = [
        f"{len(document['draws'])} draws, means; {document['run']}",
        table(heading, rows),
        f"accuracy {average['accuracy']:.3f} of the products learned, ece {average['ece']:.3f}; refused: "
        + ", ".join(f"{side} {share:.3f}" for side, share in average["refused"].items()),
        (
            f"wrong names {useful['wrong_names']:.3f}, useful answers {useful['useful']:.3f} of all photos; always naming a product: "
            f"{useful['always_wrong']:.3f}, {useful['always_useful']:.3f}"
        ),
        *(
            f"answer sets of {one['asked']:.0%}: the true product is in {one['coverage']:.3f}, mean size {one['size']:.2f}"
            for one in average["answer_sets"]
            if "coverage" in one
        ),
        (
            f"{taught['products']:.0f} strangers taught from {taught['photos_each']:.0f} photos each, "
            f"{taught['times']:.0f} times a draw: accuracy {taught['accuracy']:.3f}, wrong names {taught['wrong_names']:.3f}; of the "
            f"products known before {taught['accuracy_old_before']:.3f} and {taught['wrong_names_old_before']:.3f}, then "
            f"{taught['accuracy_old_after']:.3f} and {taught['wrong_names_old_after']:.3f}"
        ),
    ]
    return "\n".join(lines)
