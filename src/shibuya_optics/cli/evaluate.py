"""`optics evaluate`: how good a bundle is on the photos of a dataset, on strangers, and taught from a few photos."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from click.core import ParameterSource

from shibuya_optics.cli.few_shot import ALL, PACKAGED, Asked, named, read_ks, show_curve
from shibuya_optics.cli.judged import judgement_text
from shibuya_optics.cli.output import emit, examples, json_option, progress, warn
from shibuya_optics.cli.report import ReportAsked, write_evaluation
from shibuya_optics.cli.strangers import PROTOCOL, show_protocol
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import SPLITS, Split

if TYPE_CHECKING:
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.few_shot import Senses
    from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement
    from shibuya_optics.evaluate.views import View
    from shibuya_optics.labels import LabelTree
    from shibuya_optics.photo import PhotoSource
    from shibuya_optics.recognise import Effort, Recogniser, Scores

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
            _show_judgement(
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


@dataclass(frozen=True)
class AskedWith:
    """A recogniser that is asked with a fixed effort, for the judge."""

    recogniser: Recogniser
    effort: Effort

    @property
    def tree(self) -> LabelTree:
        """The products known."""
        return self.recogniser.tree

    def scores(self, photos: Iterable[PhotoSource]) -> Scores:
        """What the answers to photos rest on, and the answers."""
        return self.recogniser.scores(photos, self.effort)


def _show_judgement(
    asked: AskedWith,
    pantry: PantryFile,
    split: Split,
    strangers: Sequence[Path],
    windows: Sequence[View],
    *,
    report: ReportAsked | None,
    json_mode: bool,
) -> None:
    from shibuya_optics.evaluate.compare_reports import STRANGERS
    from shibuya_optics.evaluate.judge import judge, judge_unknown
    from shibuya_optics.evaluate.views import judge_views
    from shibuya_optics.photo import hash_of_photos
    from shibuya_optics.recognise import LOOK_ALONE

    start = perf_counter()
    rows = _rows(pantry, split)
    labels, origins = [pantry.tree.products[pantry.labels[row]] for row in rows], [pantry.origins[row] for row in rows]

    def shown(description: str) -> Iterator[bytes]:
        return progress((pantry.jpeg(row) for row in rows), description, len(rows), json_mode)

    bundle = asked.recogniser.bundle
    judgement = judge(asked, shown(f"{split} photos"), labels, origins)
    document = {"bundle": bundle.name, "dataset": pantry.hash, "split": split, **judgement.as_json()}
    document["read"] = sum("read" in answer.senses for answer in judgement.scores.answers) / judgement.photos
    document["confusions"] = [confusion.as_json() for confusion in judgement.confusions]
    _warn_of_labels(judgement.labels_not_in_bundle)
    if windows:
        right = judge_views(bundle, shown(f"{len(windows)} views"), labels, windows)
        document["views"] = {"n": len(windows), **right.shares().as_json()}
    strange = None
    if strangers:
        strange = judge_unknown(asked, judgement.scores, progress(strangers, "strangers", len(strangers), json_mode))
        document["unknown"] = strange.as_json()
        document[STRANGERS] = hash_of_photos(strangers)
    document |= _worth(asked, judgement, labels, strange)
    document["seconds"] = perf_counter() - start
    text = judgement_text(document, judgement, strange)
    if report:
        looking = AskedWith(asked.recogniser, LOOK_ALONE)
        page = write_evaluation(report, looking, pantry, rows, (document, judgement, strange))
        document["report"], text = str(page), f"{text}\nThe report: {page}"
    emit(document, json_mode, text)


def _worth(
    asked: AskedWith, judgement: Judgement, labels: Sequence[str], strange: UnknownJudgement | None
) -> dict[str, Any]:
    """How useful the answers are, with strangers and without, and whether answer sets hold what they promise."""
    from shibuya_optics.evaluate.coverage import COVERAGES, set_coverage
    from shibuya_optics.evaluate.right import as_known
    from shibuya_optics.evaluate.usefulness import usefulness

    tree, calibration = asked.tree, asked.recogniser.calibration
    truth: list[str | None] = [as_known(label, tree) for label in labels]
    ids = np.array([tree.id_of(label) if label in tree else -1 for label in truth if label])
    answers = judgement.scores.answers
    document: dict[str, Any] = {
        "usefulness": usefulness(answers, truth).as_json(),
        "answer_sets": [set_coverage(calibration, judgement.scores.logits, ids, one).as_json() for one in COVERAGES],
    }
    if strange:
        everyone, nothing = (*answers, *strange.judged.answers), [None] * strange.photos
        document["usefulness_with_strangers"] = usefulness(everyone, [*truth, *nothing]).as_json()
    return document


def _rows(pantry: PantryFile, split: Split) -> list[int]:
    rows: list[int] = pantry.rows(split).tolist()
    if not rows:
        counts = ", ".join(f"{name} {len(pantry.rows(name))}" for name in SPLITS)
        raise DatasetError(f"{pantry.path} has no photos in the split {split!r} ({counts}): give another with --split.")
    return rows


def _warn_of_labels(labels: tuple[str, ...]) -> None:
    if labels:
        warn(
            f"{len(labels)} of the dataset's labels the bundle does not know; their photos count as wrong: {named(labels)}"
        )
