"""How sure a look must be that nothing is read: accuracy and time over the threshold, on the validation photos.

    python research/cascade.py pantry-mobile work/pantry.h5 --readings work/readings.jsonl
    python research/cascade.py pantry-mobile work/pantry.h5 --readings work/readings.jsonl --split test

`sure` of the bundle is chosen by the validation photos; the test photos are looked at afterwards. Times are measured here: of a
look, and of a reading that is not kept, on some of the photos; a threshold's time is what its share of readings makes of these.
Writes docs/research/cascade-<split>.json.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from shibuya_optics import Recogniser
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.few_shot import Senses
from shibuya_optics.files import write_json
from shibuya_optics.labels import PACKAGES, is_below
from shibuya_optics.recognise import LOOK_ALONE, Effort
from shibuya_optics.records import SPLITS, Sense
from shibuya_optics.senses import KeptRead

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research"
SURE = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
TIMED, BATCH = 24, 64
ALWAYS: tuple[Sense, ...] = ("look", "read")


def main() -> None:
    """Judge each threshold, print the table, write it."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("bundle")
    options.add_argument("dataset", type=Path)
    options.add_argument("--readings", type=Path, required=True, help="what was read is kept here")
    options.add_argument("--split", choices=SPLITS, default="validation")
    given = options.parse_args()
    kept = KeptRead(given.readings)
    bundle = Recogniser.open(given.bundle).bundle
    with PantryFile.open(given.dataset) as file:
        rows = [int(row) for row in file.rows(given.split)]
        truth = [file.tree.products[file.labels[row]] for row in rows]
        photos = [file.jpeg(row) for row in rows]
    seconds = timed(
        Recogniser(bundle), [p for p, label in zip(photos, truth, strict=True) if is_below(label, PACKAGES)]
    )
    table = [row_of(Recogniser(bundle, reader=kept), Effort(ALWAYS), photos, truth, seconds) | {"sure": "always"}]
    for sure in SURE:
        recogniser = Recogniser(replace(bundle, fusion=replace(bundle.fusion, sure=sure)), reader=kept)
        table.append(row_of(recogniser, Effort(), photos, truth, seconds) | {"sure": sure})
    for row in table:
        row["time_share"] = row["seconds"] / table[0]["seconds"]
        print({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()})
    write_json(RESULTS / f"cascade-{given.split}.json", {"split": given.split, "seconds": seconds, "rows": table})


def timed(recogniser: Recogniser, photos: list[bytes]) -> dict[Senses, float]:
    """Seconds of a look, and of a reading, a photo; the engine is loaded before."""
    some = photos[:: max(len(photos) // TIMED, 1)][:TIMED]
    recogniser.words(some[0])
    start = time.perf_counter()
    for photo in some:
        recogniser.identify(photo, LOOK_ALONE)
    looked = time.perf_counter()
    for photo in some:
        recogniser.words(photo)
    return {"look": (looked - start) / len(some), "read": (time.perf_counter() - looked) / len(some)}


def row_of(
    recogniser: Recogniser, effort: Effort, photos: list[bytes], truth: list[str], seconds: dict[Senses, float]
) -> dict[str, Any]:
    """Accuracy, the share of photos that were read, and the time a photo."""
    answers = [
        answer
        for first in range(0, len(photos), BATCH)
        for answer in recogniser.scores(photos[first : first + BATCH], effort).answers
    ]
    right = np.array([a.candidates[0].label == label for a, label in zip(answers, truth, strict=True)])
    read = np.array(["read" in answer.senses for answer in answers])
    packaged = np.array([is_below(label, PACKAGES) for label in truth])
    return {
        "accuracy": float(right.mean()),
        "accuracy_packaged": float(right[packaged].mean()),
        "read": float(read.mean()),
        "read_packaged": float(read[packaged].mean()),
        "seconds": seconds["look"] + float(read.mean()) * seconds["read"],
    }


if __name__ == "__main__":
    main()
