"""`optics evaluate` without `--few-shot` and `--strangers`: judges a recogniser on a dataset and strangers, and shows how it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from shibuya_optics.cli.few_shot import named
from shibuya_optics.cli.judged import judgement_text
from shibuya_optics.cli.output import emit, progress, warn
from shibuya_optics.cli.report import ReportAsked, write_evaluation
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import SPLITS, Split

if TYPE_CHECKING:
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement
    from shibuya_optics.evaluate.views import View
    from shibuya_optics.labels import LabelTree
    from shibuya_optics.photo import PhotoSource
    from shibuya_optics.recognise import Effort, Recogniser, Scores


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


def show_judgement(
    asked: AskedWith,
    pantry: PantryFile,
    split: Split,
    strangers: Sequence[Path],
    windows: Sequence[View],
    *,
    report: ReportAsked | None,
    json_mode: bool,
) -> None:
    """Judge a recogniser on a split of a dataset, and print what was measured.

    Args:
        asked: the recogniser.
        pantry: the dataset.
        split: of which the photos are.
        strangers: photos of no product; may be empty.
        windows: through which each photo is looked at a second time; none = it is not.
        report: where the report goes, where one is wanted.
        json_mode: print JSON.

    Raises:
        DatasetError: the split has no photos.
        InputError: the recogniser knows no products, or the report cannot be written.
        PhotoError: a photo cannot be read.
    """
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
