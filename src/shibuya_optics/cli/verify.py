"""`optics verify`: whether what was written is still what it was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click

from shibuya_optics.cli.output import emit, examples, json_option, progress
from shibuya_optics.errors import InputError

Item = TypeVar("Item")


@click.command(epilog=examples("optics verify work/pantry.h5", "optics verify work/pantry.h5 --json"))
@click.argument("what", metavar="FILE", type=click.Path(path_type=Path))
@json_option
def verify(what: Path, json_mode: bool) -> None:
    """Hash everything in FILE, a dataset, again, and compare.

    Where something was changed, it names the photos or says which part does not fit, and ends with exit status 2.
    """
    if what.is_dir():
        raise InputError(f"{what} is a folder: give a dataset file that `optics pack` wrote.")
    _dataset(what, json_mode)


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
