"""Teach the eight products of a home fridge from five crops each, and identify those in photos of other days.

    python benchmarks/fridge.py --out bench/fridge.json

The crops are cut by the boxes of `fridge/` in the shared data (OPTICS_SHARED, or ../shared): 180 in `positive/` to teach
from, 45 in `testImages/` to ask for. Which five crops are taught matters, so every turn draws others, and the mean, the
worst turn and the share of turns with 43 or more right are told, and `in_file_order` what the first five boxes of each
product in `boxes.json` give: by looking alone, as the rest, and `in_file_order_read` with the print read, too. Each turn teaches anew, once with no other product known
(`alone`) and once beside the shipped 81 (`beside_shipped`). `first_three` teaches three products and asks for those.

Expected: mean of `alone.right` 43.5 to 44.2 of 45, worst 41 to 43.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from reporting import report
from shibuya_optics import Recogniser
from shibuya_optics.contract import Pixels
from shibuya_optics.photo import read_photo
from shibuya_optics.recognise import AUTOMATIC, LOOK_ALONE, Effort

SHARED = Path(os.environ.get("OPTICS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
CROPS = 5
ENOUGH = 43
Crops = dict[str, list[Pixels]]


def read_crops(folder: Path, part: str) -> Crops:
    """The crops of each product in one part of the set."""
    boxes = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    crops: Crops = {}
    for name in (name for name in boxes if name.startswith(f"{part}/")):
        photo = read_photo(folder / name)
        for product, left, top, right, bottom in boxes[name]:
            crops.setdefault(product, []).append(np.ascontiguousarray(photo[top:bottom, left:right]))
    return crops


def taught(products: Crops, rng: np.random.Generator | None, *, empty: bool, read: bool = False) -> Recogniser:
    """A recogniser that was taught five crops of each product: drawn, or without `rng` the first five."""
    recogniser = Recogniser.open(empty=empty)
    for product in sorted(products):
        count = len(products[product])
        chosen = (rng.permutation(count) if rng else np.arange(count))[:CROPS]
        recogniser.teach(f"Fridge/{product}", [products[product][i] for i in chosen], read=read)
    return recogniser


def asked(recogniser: Recogniser, crops: Crops, effort: Effort = LOOK_ALONE) -> dict[str, int]:
    """How many crops have the true product as best candidate, are claimed rightly or wrongly, or are refused."""
    truth = [f"Fridge/{product}" for product, photos in crops.items() for _ in photos]
    answers = recogniser.identify_many((photo for photos in crops.values() for photo in photos), effort)
    pairs = list(zip(truth, answers, strict=True))
    return {
        "right": sum(answer.candidates[0].label == true for true, answer in pairs),
        "claimed_right": sum(answer.label == true for true, answer in pairs),
        "claimed_wrong": sum(answer.level == "product" and answer.label != true for true, answer in pairs),
        "refused": sum(not answer.known for _, answer in pairs),
    }


def summary(turns: list[dict[str, int]]) -> dict[str, float]:
    """Mean of each count over the turns, the worst `right`, and the share of turns with enough right."""
    means = {f"mean_{name}": round(float(np.mean([turn[name] for turn in turns])), 2) for name in turns[0]}
    rights = [turn["right"] for turn in turns]
    return {**means, "worst_right": min(rights), "share_of_turns_with_43": float(np.mean(np.array(rights) >= ENOUGH))}


def measure(turns: int) -> dict[str, Any]:
    """All turns; `seconds` is one whole process's work: reading, teaching three, asking, teaching eight, asking."""
    started = time.perf_counter()
    lessons, questions = (read_crops(SHARED / "data" / "fridge", part) for part in ("positive", "testImages"))
    three = sorted(lessons)[:3]
    few = {product: questions[product] for product in three}
    first_three = asked(taught({product: lessons[product] for product in three}, None, empty=True), few)
    in_file_order = asked(taught(lessons, None, empty=True), questions)
    seconds = time.perf_counter() - started
    rng = np.random.default_rng(0)
    alone = [asked(taught(lessons, rng, empty=True), questions) for _ in range(turns)]
    beside = [asked(taught(lessons, rng, empty=False), questions) for _ in range(turns)]
    return {
        "test_boxes": sum(map(len, questions.values())),
        "crops_taught_of_each": CROPS,
        "turns": turns,
        "first_three": {"products": three, "boxes": sum(map(len, few.values())), **first_three},
        "in_file_order": in_file_order,
        "in_file_order_read": asked(taught(lessons, None, empty=True, read=True), questions, AUTOMATIC),
        "alone": summary(alone),
        "beside_shipped": summary(beside),
        "seconds_of_first_three_and_in_file_order": round(seconds, 2),
    }


if __name__ == "__main__":
    report(__doc__, 20, measure)
