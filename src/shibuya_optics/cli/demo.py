"""`optics demo`: renders a small pantry, teaches it, identifies unseen photos and strangers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from shibuya_optics.cli.arguments import bundle_option
from shibuya_optics.cli.output import emit, examples, json_option, progress, table

if TYPE_CHECKING:
    from shibuya_optics.demo.outcome import Outcome

Item = TypeVar("Item")
HEADINGS = ("product", "right", "kind only", "wrong", "not named")


@click.command(
    epilog=examples(
        "optics demo",
        "optics demo --into /tmp/demo --seed 7",
        "optics demo --bundle my-pantry.optics --json",
    )
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo",
    show_default=True,
    metavar="FOLDER",
    help="Where report.html goes.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, another pantry.")
@bundle_option
@json_option
def demo(into: Path, seed: int, bundle: str | None, json_mode: bool) -> None:
    """Render a small pantry of invented brands, teach it, and identify unseen photos.

    8 products are taught from 4 photos each; then come 40 unseen photos of them and 16 strangers, packs that were never
    taught. The bundle's network is used, and none of the products that it knows. right: the product. kind only: the right kind,
    the brand left open. wrong: another product or kind. not named: no answer.
    """
    from shibuya_optics.demo.report import write_report
    from shibuya_optics.demo.show import run
    from shibuya_optics.recognise import Recogniser

    def shown(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        return progress(items, description, total, json_mode)

    recogniser = Recogniser.open(bundle, empty=True)
    outcome = run(recogniser, seed, shown)
    path = write_report(outcome, into)
    document = {"bundle": recogniser.bundle.name, **outcome.as_json(), "report": str(path)}
    emit(document, json_mode, _text(outcome, path))


def _text(outcome: Outcome, path: Path) -> str:
    rows = [(product.label, *product.counts().values()) for product in outcome.products]
    strangers, seconds = outcome.as_json()["strangers"], outcome.seconds
    lessons = len(outcome.products[0].lessons)
    return f"""{len(rows)} products taught from {lessons} photos each, then {outcome.photos} unseen photos:

{table(HEADINGS, [*rows, ("all", *outcome.counts().values())])}

{strangers["photos"]} strangers: {strangers["refused"]} refused, {strangers["kind"]} given only their kind, \
{strangers["named"]} named wrongly
{seconds.total:.1f} s: rendering {seconds.render:.1f}, teaching {seconds.teach:.1f}, identifying {seconds.identify:.1f}
The pictures: {path}"""
