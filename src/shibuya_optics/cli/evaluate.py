"""`optics evaluate`: how good a bundle is on the photos of a dataset, on strangers, and taught from a few photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from shibuya_optics.cli.few_shot import ALL, PACKAGED, Asked, read_ks, show_curve
from shibuya_optics.cli.judge import AskedWith, show_judgement
from shibuya_optics.cli.output import examples, json_option
from shibuya_optics.cli.report import ReportAsked
from shibuya_optics.cli.strangers import PROTOCOL, show_protocol
from shibuya_optics.records import SPLITS, Split

if TYPE_CHECKING:
    from shibuya_optics.evaluate.few_shot import Senses
    from shibuya_optics.recognise import Effort

SENSES_ASKED = ("look", "read", "both")
ONLY_WITH_CURVE = ("products", "draws", "seed", "plot")
NOT_WITH_PROTOCOL = ("split", "senses", "readings", "views", "ks", "products", "seed", "plot", "into", "robustness")
OPTIONS = {"ks": "few-shot", "into": "report"}


@click.command(
    epilog=examples(
        "optics evaluate pantry-mobile work/pantry.h5",
        "optics evaluate my-pantry.optics work/pantry.h5 --split validation --json",
        "optics evaluate pantry-mobile work/pantry.h5 --unknown ../shared/data/not-pantry",
        "optics evaluate pantry-mobile work/pantry.h5 --unknown ../shared/data/not-pantry --report report --robustness",
        "optics evaluate recipes/strangers.toml work/pantry.h5 --strangers protocol --unknown ../shared/data/not-pantry",
        "optics evaluate pantry-mobile work/pantry.h5 --views 3",
        "optics evaluate pantry-mobile work/pantry.h5 --senses both --readings work/readings.jsonl",
        "optics evaluate my-pantry.optics work/pantry.h5 --few-shot 1,2,5,10,20 --products packaged --plot curve.svg",
    )
)
@click.argument("bundle")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True, help="The photos to judge by.")
@click.option("--unknown", metavar="FOLDER", type=click.Path(path_type=Path), help="Photos of strangers: no products.")
@click.option(
    "--strangers",
    type=click.Choice([PROTOCOL]),
    help="Train BUNDLE, a recipe here, with a fifth of the products left out, several draws, and tell those from the others.",
)
@click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Run folders of --strangers.",
)
@click.option(
    "--senses",
    type=click.Choice(SENSES_ASKED),
    help="Judge looking alone, reading alone (with --few-shot), or both; left out, it answers as `optics identify` does, and "
    "--few-shot looks alone.",
)
@click.option(
    "--readings",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep what is read in the photos here, so that it is read once.",
)
@click.option("--views", metavar="N", type=int, help="Judge a second time, each photo seen through N windows.")
@click.option(
    "--few-shot",
    "ks",
    metavar="K,K,...",
    callback=read_ks,
    help="Forget all, teach K photos a product, and judge that; 1,2,5,10,20. 0: names alone.",
)
@click.option(
    "--products",
    metavar=f"{PACKAGED}|{ALL}|LABEL",
    default=ALL,
    show_default=True,
    help="Those of --few-shot: all, those below Packages/, or those below a label.",
)
@click.option(
    "--draws",
    type=int,
    default=5,
    show_default=True,
    help="How often photos are drawn for --few-shot, or products for --strangers.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option("--plot", metavar="FILE.svg", type=click.Path(path_type=Path), help="Draw the curve of --few-shot.")
@click.option(
    "--report",
    "into",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write report.html and metrics.json here.",
)
@click.option(
    "--robustness", is_flag=True, help="In the report: blurred, dark, rotated, small and JPEG-worn photos too."
)
@json_option
@click.pass_context
def evaluate(
    context: click.Context,
    bundle: str,
    dataset: Path,
    split: Split,
    unknown: Path | None,
    strangers: str | None,
    runs: Path,
    senses: Senses | None,
    readings: Path | None,
    views: int | None,
    ks: tuple[int, ...] | None,
    products: str,
    draws: int,
    seed: int,
    plot: Path | None,
    into: Path | None,
    robustness: bool,
    json_mode: bool,
) -> None:
    """Measure BUNDLE, a name or a file, on the photos of DATASET, a file that `optics pack` wrote.

    accuracy: the best candidate is the true product, whether it was claimed or not. accuracy_kind: the kind whose
    products have the largest probability together is the true kind. ece: expected calibration error, 15 equal-mass
    bins. by_origin: own and web photos apart. unknown: how well strangers are told from the dataset's photos. views:
    the mean of several windows of each photo, beside the single view. read: the share of photos in which print was read.

    With --strangers a recipe is trained five times, each time without a fifth of the products, which are strangers then; every score
    of being known stands beside the others. A training that was stopped goes on.

    With --few-shot nothing that the bundle knows is used but its network: products are taught anew from K photos of the
    train split, drawn several times, and the photos of --split are asked for.
    """
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.report import check_folder
    from shibuya_optics.evaluate.views import fixed_views
    from shibuya_optics.photo import find_photos
    from shibuya_optics.recognise import Recogniser
    from shibuya_optics.senses import KeptRead

    if strangers:
        _refuse(context, NOT_WITH_PROTOCOL, "cannot be asked for together with --strangers.")
        show_protocol(Path(bundle), dataset, runs, unknown, draws, json_mode=json_mode)
        return
    _refuse(context, ("runs",), "needs --strangers.")
    _check_together(context, curve=ks is not None)
    report = ReportAsked(into, robustness, json_mode) if into else None
    if report:
        check_folder(report.into)
    asked = Asked(ks=ks, products=products, draws=draws, senses=senses or "look", seed=seed, plot=plot) if ks else None
    windows = fixed_views(views) if views is not None else ()
    effort = _effort(senses)
    recogniser = Recogniser.open(bundle, reader=KeptRead(readings) if readings else None)
    others = find_photos(unknown) if unknown else []
    with PantryFile.open(dataset) as pantry:
        if asked:
            show_curve(recogniser, pantry, split, asked, json_mode=json_mode)
        else:
            show_judgement(
                AskedWith(recogniser, effort), pantry, split, others, windows, report=report, json_mode=json_mode
            )


def _check_together(context: click.Context, *, curve: bool) -> None:
    """Refuse options that would have no effect.

    Raises:
        UsageError: there are some.
    """
    if not curve and context.params["senses"] == "read":
        raise click.UsageError("--senses read: reading alone is judged with --few-shot; give both.")
    if context.params["robustness"] and context.params["into"] is None:
        raise click.UsageError("--robustness is a part of the report: give --report FOLDER too.")
    if curve:
        _refuse(context, ("unknown", "views", "into", "robustness"), "cannot be asked for together with --few-shot.")
    else:
        _refuse(context, ONLY_WITH_CURVE, "needs --few-shot.")


def _refuse(context: click.Context, names: Sequence[str], why: str) -> None:
    given = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise click.UsageError(f"--{OPTIONS.get(given[0], given[0])} {why}")


def _effort(senses: Senses | None) -> Effort:
    """What `--senses` asks for where no curve is."""
    from shibuya_optics.recognise import AUTOMATIC, LOOK_ALONE, Effort

    by_name = {None: AUTOMATIC, "look": LOOK_ALONE, "both": Effort(("look", "read"))}
    return by_name.get(senses, AUTOMATIC)
