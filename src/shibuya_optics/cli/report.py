"""`optics evaluate --report`: gathers what the report needs, with pictures of the worst confusions, and writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shibuya_optics.cli.output import progress

if TYPE_CHECKING:
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.judge import Judgement, Scorer, UnknownJudgement
    from shibuya_optics.evaluate.report import Judged, Pictures
    from shibuya_optics.evaluate.robustness import Robust
    from shibuya_optics.photo import Pixels

PICTURE_SIDE, PICTURE_QUALITY = 240, 75


@dataclass(frozen=True)
class ReportAsked:
    """What was asked for.

    Attributes:
        into: the folder.
        robustness: whether degraded photos are judged too.
        json_mode: no progress bars.
    """

    into: Path
    robustness: bool
    json_mode: bool


def write_evaluation(
    asked: ReportAsked,
    looking: Scorer,
    pantry: PantryFile,
    rows: Sequence[int],
    measured: tuple[Mapping[str, Any], Judgement, UnknownJudgement | None],
) -> Path:
    """Write the report of what was measured; the page's path.

    Args:
        asked: where to, and with what.
        looking: the recogniser, looking alone, for degraded photos.
        pantry: the dataset.
        rows: its photos that were judged.
        measured: the document of `--json`, the judgement, and that of strangers.

    Raises:
        InputError: the report cannot be written.
    """
    from shibuya_optics.evaluate.report import Judged, write_report
    from shibuya_optics.evaluate.right import as_known

    document, judgement, strange = measured
    judged = Judged(
        document=document,
        tree=looking.tree,
        truth=tuple(as_known(pantry.tree.products[pantry.labels[row]], looking.tree) for row in rows),
        origins=tuple(pantry.origins[row] for row in rows),
        groups=tuple(pantry.groups[row] for row in rows),
        judgement=judgement,
        strange=strange,
        robustness=tuple(_degraded(asked, looking, pantry, rows)) if asked.robustness else (),
    )
    return write_report(replace(judged, pictures=_pictures(judged, pantry, rows)), asked.into)


def _degraded(asked: ReportAsked, looking: Scorer, pantry: PantryFile, rows: Sequence[int]) -> Iterator[Robust]:
    """The same photos plain, and then with each degradation, looking alone."""
    from shibuya_optics.evaluate.judge import judge
    from shibuya_optics.evaluate.robustness import DEGRADATIONS, judge_degraded

    labels = [pantry.tree.products[pantry.labels[row]] for row in rows]

    def shown(name: str) -> Iterator[Pixels]:
        return progress((pantry.photo(row) for row in rows), f"{name} photos", len(rows), asked.json_mode)

    plain = judge(looking, shown("plain"), labels).accuracy
    for degradation in DEGRADATIONS:
        yield judge_degraded(looking, degradation, shown(degradation.name), labels, plain)


def _pictures(judged: Judged, pantry: PantryFile, rows: Sequence[int]) -> dict[tuple[str, str], Pictures]:
    """For each of the worst confusions its surest mistake, and the first train photo of what it was taken for."""
    from shibuya_optics.evaluate.report import Pictures

    train = [int(row) for row in pantry.rows("train")]
    found = {}
    for confusion in judged.judgement.confusions:
        pair = confusion.truth, confusion.taken_for
        mistaken = [i for i, each in enumerate(zip(judged.truth, judged.said, strict=True)) if each == pair]
        surest = mistaken[int(np.argmax(judged.confidence[mistaken]))]
        taught = next((row for row in train if pantry.tree.products[pantry.labels[row]] == confusion.taken_for), None)
        found[pair] = Pictures(
            thumbnail(pantry.photo(rows[surest])), None if taught is None else thumbnail(pantry.photo(taught))
        )
    return found


def thumbnail(photo: Pixels) -> bytes:
    """A small JPEG of a photo `uint8 (height, width, 3)`, at most 240 px a side; about 10 KB."""
    from PIL import Image

    image = Image.fromarray(photo)
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    stored = BytesIO()
    image.save(stored, "JPEG", quality=PICTURE_QUALITY, optimize=True)
    return stored.getvalue()
