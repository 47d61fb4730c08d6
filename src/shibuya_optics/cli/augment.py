"""`optics augment PHOTO`: a contact sheet of what training would see of a photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shibuya_optics.cli.output import emit, examples, json_option
from shibuya_optics.errors import MissingExtraError

if TYPE_CHECKING:
    from shibuya_optics.augment import ViewOptions
    from shibuya_optics.contract import Pixels

MOST_VIEWS = 500


@click.command(
    epilog=examples(
        "optics augment kitchen.jpg --sheet views.png",
        "optics augment kitchen.jpg --sheet views.png --seed 7 --views 48",
        "optics augment kitchen.jpg --sheet views.png --recipe recipes/pantry-mobile.toml --json",
    )
)
@click.argument("photo")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    default="views.png",
    show_default=True,
    help="The PNG file to write.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, other views.")
@click.option(
    "--views", type=click.IntRange(1, MOST_VIEWS), default=24, show_default=True, help="Views besides the photo."
)
@click.option(
    "--recipe", type=click.Path(path_type=Path), help="Take the ranges of this recipe's [views]; else the defaults."
)
@json_option
def augment(photo: str, sheet: Path, seed: int, views: int, recipe: Path | None, json_mode: bool) -> None:
    """Draw a contact sheet of PHOTO: itself, each family of views alone, then views as training draws them.

    Families that the ranges leave off are shown at a usual strength and captioned as off. The same photo, ranges and
    seed give the same file, byte for byte.
    """
    import hashlib

    from shibuya_optics.files import write_whole
    from shibuya_optics.photo import read_photo

    try:
        from shibuya_optics.augment import contact_sheet
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"drawing views (it lacks {error.name})") from error
    options = _ranges(recipe)
    png = _png(contact_sheet(read_photo(photo, short_side=512), options, views, seed))
    write_whole(sheet, png)
    document = {
        "photo": photo,
        "sheet": str(sheet),
        "seed": seed,
        "views": views,
        "recipe": None if recipe is None else str(recipe),
        "sha256": hashlib.sha256(png).hexdigest(),
    }
    emit(document, json_mode, f"{views} views of {photo}: {sheet} (sha256 {document['sha256']})")


def _ranges(recipe: Path | None) -> ViewOptions:
    """The ranges of a recipe, or the defaults."""
    from shibuya_optics.augment import ViewOptions

    if recipe is None:
        return ViewOptions()
    try:
        from shibuya_optics.train.recipe import read_recipe
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"reading a recipe (it lacks {error.name})") from error
    return read_recipe(recipe).views


def _png(pixels: Pixels) -> bytes:
    """The pixels as a PNG file."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=False)
    return file.getvalue()
