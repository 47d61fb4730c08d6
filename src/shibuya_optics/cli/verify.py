"""`optics verify`: whether what was written is still what it was, and whether a run comes out again."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click

from shibuya_optics.cli.output import emit, examples, json_option, progress, warn
from shibuya_optics.errors import MissingExtraError

Item = TypeVar("Item")


@click.command(
    epilog=examples(
        "optics verify work/pantry.h5",
        "optics verify work/pantry.h5 --json",
        "optics verify runs/20260102T030405-pantry-mobile-0123abcd",
    )
)
@click.argument("what", metavar="FILE_OR_RUN", type=click.Path(path_type=Path))
@json_option
def verify(what: Path, json_mode: bool) -> None:
    """Check a dataset file, or a run folder.

    A dataset: hash everything in it again, and compare. Where something was changed, it names the photos or says which
    part does not fit.

    A run: compare its files and its dataset with what it recorded, run its recipe again in a temporary folder, and
    compare the metrics. With the same versions and hardware every number has to be the same within 1e-6; elsewhere the
    shares of right photos within 0.02. It takes as long as the run did.

    Where something does not fit, it ends with exit status 2.
    """
    if what.is_dir():
        _run(what, json_mode)
    else:
        _dataset(what, json_mode)


def _run(folder: Path, json_mode: bool) -> None:
    try:
        from shibuya_optics.train.verify_run import verify_run
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", f"running a recipe again (it lacks {error.name})") from error
    verified = verify_run(folder, progress=not json_mode and sys.stderr.isatty())
    for name, (then, now) in verified.differences.items():
        warn(f"{name} is {now}, and was {then}")
    network = {True: ", its network to the last bit", False: ", its network not to the last bit", None: ""}
    text = (
        f"{folder}: comes out again{network[verified.same_network]}\n"
        f"{verified.compared} numbers differ by {verified.largest_difference:.2g} at most, {verified.tolerance:g} is accepted "
        f"{'on the same machine' if verified.same_machine else 'with other versions or hardware'}"
    )
    emit(verified.as_json(), json_mode, text)


def _dataset(file: Path, json_mode: bool) -> None:
    from shibuya_optics.dataset.verify import verify_pantry

    def show(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        return progress(items, description, total, json_mode)

    verified = verify_pantry(file, progress=show)
    folds = f", {verified.folds} folds" if verified.folds else ""
    text = (
        f"{file}: {verified.photos:,} photos ({verified.photo_bytes / 1e6:.1f} MB{folds}) and all parts are as packed\n"
        f"content hash {verified.content_hash}"
    )
    emit(verified.as_json(), json_mode, text)
