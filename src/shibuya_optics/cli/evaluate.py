"""`optics evaluate`: how good a bundle is on the photos of a dataset, and on strangers."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from shibuya_optics.cli.output import emit, examples, json_option, progress, table, warn
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import SPLITS, Split

if TYPE_CHECKING:
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement

MOST_NAMED = 3


@click.command(
    epilog=examples(
        "optics evaluate pantry-mobile work/pantry.h5",
        "optics evaluate my-pantry.optics work/pantry.h5 --split validation --json",
        "optics evaluate pantry-mobile work/pantry.h5 --unknown ../shared/data/not-pantry",
    )
)
@click.argument("bundle")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True, help="The photos to judge by.")
@click.option("--unknown", metavar="FOLDER", type=click.Path(path_type=Path), help="Photos of strangers: no products.")
@json_option
def evaluate(bundle: str, dataset: Path, split: Split, unknown: Path | None, json_mode: bool) -> None:
    """Measure BUNDLE, a name or a file, on the photos of DATASET, a file that `optics pack` wrote.

    accuracy: the best candidate is the true product, whether it was claimed or not. accuracy_kind: the kind whose
    products have the largest probability together is the true kind. ece: expected calibration error, 15 equal-mass
    bins. unknown: how well strangers are told from the dataset's photos.
    """
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.judge import judge, judge_unknown
    from shibuya_optics.photo import find_photos
    from shibuya_optics.recognise import Recogniser

    start = perf_counter()
    recogniser = Recogniser.open(bundle)
    strangers = find_photos(unknown) if unknown else []
    with PantryFile.open(dataset) as pantry:
        rows = _rows(pantry, split)
        photos = progress((pantry.jpeg(row) for row in rows), f"{split} photos", len(rows), json_mode)
        judgement = judge(recogniser, photos, [pantry.tree.products[pantry.labels[row]] for row in rows])
        document = {"bundle": recogniser.bundle.name, "dataset": pantry.hash, "split": split, **judgement.as_json()}
    _warn_of_labels(judgement.labels_not_in_bundle)
    strange = None
    if strangers:
        shown = progress(strangers, "strangers", len(strangers), json_mode)
        strange = judge_unknown(recogniser, judgement.scores, shown)
        document["unknown"] = strange.as_json()
    document["seconds"] = perf_counter() - start
    emit(document, json_mode, _text(document, judgement, strange))


def _rows(pantry: PantryFile, split: Split) -> list[int]:
    rows: list[int] = pantry.rows(split).tolist()
    if not rows:
        counts = ", ".join(f"{name} {len(pantry.rows(name))}" for name in SPLITS)
        raise DatasetError(f"{pantry.path} has no photos in the split {split!r} ({counts}): give another with --split.")
    return rows


def _warn_of_labels(labels: tuple[str, ...]) -> None:
    if labels:
        named = ", ".join(labels[:MOST_NAMED]) + (", ..." if len(labels) > MOST_NAMED else "")
        warn(f"{len(labels)} of the dataset's labels the bundle does not know; their photos count as wrong: {named}")


def _text(document: dict[str, Any], judgement: Judgement, strange: UnknownJudgement | None) -> str:
    low, high = judgement.interval95
    rows = [
        ("accuracy", f"{judgement.accuracy:.3f}", f"best candidate is the true product; 95 %: {low:.3f} to {high:.3f}"),
        ("accuracy_kind", f"{judgement.accuracy_kind:.3f}", "likeliest kind is the true kind"),
        ("ece", f"{judgement.ece:.3f}", "expected calibration error"),
        ("answered", f"{judgement.answered:.3f}", f"a product was claimed; right: {_share(judgement.answered_right)}"),
        ("claimed_wrong", f"{judgement.claimed_wrong:.3f}", "a wrong product or kind was claimed"),
        ("known_refused", f"{judgement.known_refused:.3f}", "taken for a stranger"),
    ]
    if strange:
        rows += [
            ("unknown.refused", f"{strange.refused:.3f}", f"of {strange.photos} strangers, taken for strangers"),
            *(
                (f"unknown.{metric}", f"{value:.3f}", f"by {score}")
                for score, metrics in strange.scores.items()
                for metric, value in metrics.items()
            ),
        ]
    head = f"{document['bundle']} on {judgement.photos:,} {document['split']} photos, {document['seconds']:.1f} s"
    return f"{head}\n{table(('measure', 'value', 'meaning'), rows)}"


def _share(share: float | None) -> str:
    return "none was" if share is None else f"{share:.3f}"
