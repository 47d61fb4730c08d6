"""Reading must not hurt: looking alone against both, where print is hard to read or says little.

    python research/never_worse.py packaged runs/<the run>/held-out.optics work/pantry.h5 --readings work/readings.jsonl
    python research/never_worse.py freiburg pantry-mobile work-freiburg/pantry.h5 --readings work/readings.jsonl

`packaged`: the packaged test photos of Grocery Store as they are, shrunk to 96 px, blurred (sigma 3), turned by 90 degrees, and
darkened to 0.3; by the shipped bundle, which learned these products, and by a network that did not, taught from five photos each
(five draws). `freiburg`: the 25 kinds of Freiburg Groceries, the photos of the first official fold, by the shipped network taught
from twenty photos each of the other folds (five draws). One fusion, that of the shipped bundle, throughout. Every photo is read.
Writes docs/research/never-worse-<set>.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shibuya_optics import Recogniser
from shibuya_optics.bundle import Bundle
from shibuya_optics.contract import Pixels
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.few_shot import Draws, Seen, few_shot
from shibuya_optics.files import write_json
from shibuya_optics.labels import PACKAGES, is_below
from shibuya_optics.photo import read_photo
from shibuya_optics.recognise import LOOK_ALONE, Effort
from shibuya_optics.recognise.catalogue.lexicon import lines_of
from shibuya_optics.records import Split
from shibuya_optics.senses import READ_SIDE, KeptRead

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research"
SHORT_SIDE, SIGMA, DARK = 96, 3, 0.3
K, FREIBURG_K, FREIBURG_LESSONS, DRAWS = 5, 20, 25, 5
BOTH = Effort(("look", "read"))


def main() -> None:
    """Measure, print, write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("set", choices=("packaged", "freiburg"))
    options.add_argument("bundle")
    options.add_argument("dataset", type=Path)
    options.add_argument("--readings", type=Path, required=True, help="what was read is kept here")
    given = options.parse_args()
    reader = KeptRead(given.readings)
    shipped = Recogniser.open(reader=reader)
    asked = Recogniser.open(given.bundle, reader=reader)
    fused = Recogniser(replace(asked.bundle, fusion=shipped.bundle.fusion), reader=reader)
    with PantryFile.open(given.dataset) as file:
        rows = packaged(shipped, fused, file) if given.set == "packaged" else freiburg(fused, file)
    for row in rows:
        print(row)
    write_json(RESULTS / f"never-worse-{given.set}.json", {"rows": rows})


def packaged(shipped: Recogniser, held_out: Recogniser, file: PantryFile) -> list[dict[str, Any]]:
    """Photos as they are, and spoilt."""
    train = seen(held_out, file, _packaged(file, "train"))
    test = _packaged(file, "test")
    labels = [file.tree.products[file.labels[row]] for row in test]
    rows = []
    for kind in ("as it is", "96 px", "blurred", "turned", "dark"):
        photos = [spoilt(read_photo(file.jpeg(row)), kind) for row in test]
        learned = {
            name: float(
                np.mean([best(shipped, photo, effort) == label for photo, label in zip(photos, labels, strict=True)])
            )
            for name, effort in (("look", LOOK_ALONE), ("both", BOTH))
        }
        rows += [{"photos": kind, "products": "learned", **learned}]
        asked = _seen(held_out, photos, labels)
        rows += [{"photos": kind, "products": f"taught from {K}", **curves(train, asked, K, held_out.bundle)}]
    return rows


def freiburg(recogniser: Recogniser, file: PantryFile) -> list[dict[str, Any]]:
    """The first fold, taught from photos of the others."""
    fold = file.fold_rows(0)
    rng = np.random.default_rng(0)
    lessons = [
        int(row)
        for product in range(len(file.tree))
        for row in rng.permutation(fold.learned[file.labels[fold.learned] == product])[:FREIBURG_LESSONS]
    ]
    train, asked = seen(recogniser, file, lessons), seen(recogniser, file, fold.held_out.tolist())
    return [
        {
            "photos": "Freiburg",
            "products": f"taught from {FREIBURG_K}",
            **curves(train, asked, FREIBURG_K, recogniser.bundle),
        }
    ]


def curves(train: Seen, asked: Seen, k: int, bundle: Bundle) -> dict[str, float]:
    """Accuracy by looking alone, by reading alone, and by both."""
    return {
        name: mean(few_shot(train, asked, Draws((k,), DRAWS), bundle, name)[0].accuracy.draws)
        for name in ("look", "read", "both")
    }


def spoilt(photo: Pixels, kind: str) -> Pixels:
    """The photo, made worse as said."""
    image = Image.fromarray(photo)
    if kind == "96 px":
        size = [max(round(side * SHORT_SIDE / min(image.size)), 1) for side in image.size]
        image = image.resize(size, Image.Resampling.BICUBIC)
    elif kind == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(SIGMA))
    elif kind == "turned":
        image = image.rotate(90, expand=True)
    pixels = np.asarray(image)
    return np.ascontiguousarray((pixels * DARK).astype(np.uint8) if kind == "dark" else pixels)


def best(recogniser: Recogniser, photo: Pixels, effort: Effort) -> str:
    """The best candidate, claimed or not."""
    return recogniser.identify(photo, effort).candidates[0].label


def seen(recogniser: Recogniser, file: PantryFile, rows: Sequence[int]) -> Seen:
    """Photos of a dataset, looked at and read."""
    photos = [read_photo(file.jpeg(row), short_side=READ_SIDE) for row in rows]
    return _seen(recogniser, photos, [file.tree.products[file.labels[row]] for row in rows])


def _seen(recogniser: Recogniser, photos: Sequence[Pixels], labels: Sequence[str]) -> Seen:
    vectors: NDArray[np.float32] = recogniser.vectors(photos)
    return Seen(vectors, tuple(labels), tuple(lines_of(recogniser.words(photo)) for photo in photos))


def _packaged(file: PantryFile, split: Split) -> list[int]:
    return [int(row) for row in file.rows(split) if is_below(file.tree.products[file.labels[row]], PACKAGES)]


if __name__ == "__main__":
    main()
