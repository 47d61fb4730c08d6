"""`optics public` and `optics pack`: photos into the photo library, and the library into one dataset file."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from shibuya_optics.cli.output import emit, examples, json_option, progress, warn

if TYPE_CHECKING:
    from shibuya_optics.dataset.progress import Progress
    from shibuya_optics.dataset.public import PublicSummary

Item = TypeVar("Item")


@click.group(
    invoke_without_command=True,
    epilog=examples("optics public grocery-store ../shared/data/grocery-store --into work"),
)
@click.pass_context
def public(context: click.Context) -> None:
    """Bring a public set of photos into a photo library, with its official split and folds."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@public.command(
    "grocery-store",
    epilog=examples(
        "optics public grocery-store ../shared/data/grocery-store --into work",
        "optics public grocery-store ~/GroceryStoreDataset --into work-iconic --iconic",
        "optics public grocery-store ~/GroceryStoreDataset --into work-web --web-to-own --json",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="LIBRARY", type=click.Path(path_type=Path), help="The photo library.")
@click.option("--iconic", is_flag=True, help="Add the 81 studio pictures, too, for training, with the origin web.")
@click.option(
    "--web-to-own",
    is_flag=True,
    help="Only the studio pictures for training; the validation and test photos count as own.",
)
@json_option
def grocery_store(folder: Path, into: Path, iconic: bool, web_to_own: bool, json_mode: bool) -> None:
    """Add the Grocery Store set (5,421 photos of 81 products, MIT) from DIR.

    Run again, it adds what is missing, and nothing twice.
    """
    from shibuya_optics.dataset.grocery_store import Part, add_grocery_store

    if iconic and web_to_own:
        raise click.UsageError("--iconic and --web-to-own exclude each other: give one.")
    part: Part = "web-to-own" if web_to_own else "natural-and-iconic" if iconic else "natural"
    _show(add_grocery_store(folder, into, part=part, progress=_bar(json_mode)), into, json_mode)


@public.command(
    "freiburg-groceries",
    epilog=examples(
        "optics public freiburg-groceries ../shared/data/freiburg-groceries --into work-freiburg",
        "optics public freiburg-groceries ../shared/data/freiburg-groceries --into work-freiburg --json",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="LIBRARY", type=click.Path(path_type=Path), help="The photo library.")
@json_option
def freiburg_groceries(folder: Path, into: Path, json_mode: bool) -> None:
    """Add the Freiburg Groceries set (4,947 photos of 25 kinds in 5 folds, no licence stated) from DIR.

    All photos are for training; each is held out in its official fold. Run again, it adds what is missing.
    """
    from shibuya_optics.dataset.freiburg_groceries import add_freiburg_groceries

    _show(add_freiburg_groceries(folder, into, progress=_bar(json_mode)), into, json_mode)


def _show(summary: PublicSummary, into: Path, json_mode: bool) -> None:
    for warning in summary.warnings:
        warn(warning)
    folds = f"folds of {', '.join(f'{count:,}' for count in summary.folds)} photos\n" if summary.folds else ""
    text = (
        f"{into}: {_splits(summary.photos)}; {summary.added} added now\n"
        f"{folds}"
        f"{summary.products} products of {summary.kinds} kinds\n"
        f"next: optics pack {shlex.quote(str(into))}"
    )
    emit(summary.as_json(), json_mode, text)


@click.command(
    epilog=examples(
        "optics pack work",
        "optics pack work --folds 5",
        "optics pack work --out pantry-256.h5 --short-side 256 --json",
    )
)
@click.argument("library", metavar="LIBRARY", type=click.Path(path_type=Path))
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="The dataset file [LIBRARY/pantry.h5].")
@click.option(
    "--short-side", default=384, show_default=True, metavar="PX", help="Larger photos are reduced to this short side."
)
@click.option(
    "--folds",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Lay so many folds over train and validation photos, for `optics crossval`; official folds stay.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, another split.")
@click.option(
    "--near/--no-near",
    default=None,
    help="Look for near-duplicates, which embeds every photo [where there is a split or fold to decide].",
)
@json_option
def pack(
    library: Path, out: Path | None, short_side: int, folds: int, seed: int, near: bool | None, json_mode: bool
) -> None:
    """Pack the photos of LIBRARY into one dataset file.

    A public set keeps its official split. Otherwise own photos are for test and validation first, web photos for
    training, and photos taken together stay on one side; a split that leaks is refused. The same photos give the same
    file, whatever their order in the library.
    """
    from shibuya_optics.dataset.arrange import Arrangement
    from shibuya_optics.dataset.pack import pack as pack_library

    how = Arrangement(folds, seed, near)
    bar = _bar(json_mode)
    summary = pack_library(library, out or library / "pantry.h5", short_side=short_side, how=how, progress=bar)
    for warning in summary.warnings:
        warn(warning)
    total = sum(summary.photos.values())
    laid = f"folds of {', '.join(f'{count:,}' for count in summary.folds)} photos\n" if summary.folds else ""
    text = (
        f"{summary.file}: {_splits(summary.photos)}; {summary.file_bytes / 1e6:.1f} MB\n"
        f"{summary.products} products of {summary.kinds} kinds; {summary.kept} of {total} photos byte for byte\n"
        f"{laid}{summary.groups} groups of photos taken together\n"
        f"content hash {summary.content_hash}\n"
        f"next: optics evaluate pantry-mobile {shlex.quote(summary.file)} --split test"
    )
    emit(summary.as_json(), json_mode, text)


def _splits(photos: dict[str, int]) -> str:
    each = ", ".join(f"{split} {count:,}" for split, count in photos.items())
    return f"{sum(photos.values()):,} photos ({each})"


def _bar(json_mode: bool) -> Progress:
    def show(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        return progress(items, description, total, json_mode)

    return show
