"""Packaged products taught to a network that learned none of them: how sure it is of their photos, and of strangers'.

    python research/near_strangers.py runs/<the run>/held-out.optics work/pantry.h5 --readings work/readings.jsonl

Test photos, products taught from k train photos each, with reading and without. `strangers`: eight of the 31 packaged products, drawn
with a seed of their own, are left out, and are strangers to six or to all 23 of the others; AUROC and FPR at 95 % TPR of the
log-odds of being known, its log loss (half the weight on strangers), and the share of photos that pass for known. `sure`: five
products or all 31 are taught, and there are no strangers; expected calibration error of the best candidate's confidence, and the
share refused. Four draws each. Writes docs/research/near-strangers.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import mean
from typing import Any

import numpy as np

from fusion import RESULTS, Draw, World, asked_for, world
from shibuya_optics.bundle import Bundle, Fusion
from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.evaluate.few_shot import Seen
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.files import write_json
from shibuya_optics.recognise import confidences

DRAWS, LEFT_OUT, FEW, KS = 4, 8, 6, (5, 20)


def main() -> None:
    """Measure, print, write."""
    recogniser, (train, test) = asked_for(__doc__, ("train", "test"))
    both = recogniser.bundle.fusion
    senses = {"look": replace(both, reading=0.0, known_look=1.0, known_reading=0.0), "look and read": both}
    rows = []
    for k in KS:
        for few in (FEW, None):
            left = [Draw(k, (23, draw), few and few + LEFT_OUT, LEFT_OUT) for draw in range(DRAWS)]
            none = [Draw(k, (29, draw), few and few - 1) for draw in range(DRAWS)]
            strange, sure = (_worlds(train, test, draws, recogniser.bundle) for draws in (left, none))
            for name, fusion in senses.items():
                row: dict[str, Any] = {"k": k, "taught": few or "all", "senses": name}
                row["strangers"] = _means([strangers(one, fusion) for one in strange])
                row["sure"] = _means([sureness(one, fusion) for one in sure])
                rows.append(row)
                print(row, flush=True)
    write_json(RESULTS / "near-strangers.json", {"draws": DRAWS, "left_out": LEFT_OUT, "rows": rows})


def strangers(one: World, fusion: Fusion) -> dict[str, float]:
    """How well taught products are told from those left out."""
    known = one.scored(fusion)[1].astype(np.float64)
    strange = one.truth < 0
    sides = known[~strange], known[strange]
    return {
        "auroc": auroc(*sides),
        "fpr95": fpr_at_tpr(*sides),
        "log_loss": float((np.logaddexp(0, -sides[0]).mean() + np.logaddexp(0, sides[1]).mean()) / 2),
        "known_pass": float(np.mean(sides[0] >= 0)),
        "strangers_pass": float(np.mean(sides[1] >= 0)),
    }


def sureness(one: World, fusion: Fusion) -> dict[str, float]:
    """How far the best candidate's confidence is from how often it is right."""
    logits, known = one.scored(fusion)
    right = logits.argmax(axis=1) == one.truth
    said = confidences(logits, known).max(axis=1)
    return {
        "accuracy": float(np.mean(right)),
        "ece": expected_calibration_error(said, right),
        "refused": float(np.mean(known < 0)),
    }


def _worlds(train: Seen, test: Seen, draws: Sequence[Draw], empty: Bundle) -> list[World]:
    return [world(train, test, draw, empty) for draw in draws]


def _means(each: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {name: round(mean(one[name] for one in each), 4) for name in each[0]}


if __name__ == "__main__":
    main()
