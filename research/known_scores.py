"""Which score tells what is known from strangers: all of `recognise/known/scores.py`, on the networks of the protocol of near strangers.

    optics evaluate recipes/strangers.toml work/pantry.h5 --strangers protocol --unknown ../shared/data/not-pantry
    python research/known_scores.py runs/<the run> --unknown ../shared/data/not-pantry

`chosen by`: photos held out of training as known, and the train photos of the products left out as strangers. `near` and `far` are those of
the protocol, on test photos. AUROC, means over the draws. Being typical is weighed by several shares. Writes docs/research/known-scores.json.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np

from shibuya_optics.bundle import Decision
from shibuya_optics.evaluate.unknowns import auroc
from shibuya_optics.files import write_json
from shibuya_optics.photo import find_photos
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.known.scores import CHOSEN, SCORES, Impression, known_score
from shibuya_optics.train.bundling.decision_numbers import TYPICAL_SHARE
from shibuya_optics.train.strangers import Draw, finished_draws

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research" / "known-scores.json"
SHARES = (0.125, 0.25, 0.5, 1.0)
COLUMNS = ("chosen_by", "near", "far")


def main() -> None:
    """Score, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder of the protocol")
    parser.add_argument("--unknown", type=Path, required=True, help="photos of no product")
    asked = parser.parse_args()
    far = list(find_photos(asked.unknown))
    draws: dict[str, list[tuple[float, ...]]] = {}
    for draw in finished_draws(asked.run, far):
        decision = draw.bundle.decision
        for name in SCORES:
            draws.setdefault(name, []).append(told_apart(name, draw, decision))
        for share in SHARES:
            weighed = replace(decision, typical_weight=decision.typical_weight * share / TYPICAL_SHARE)
            draws.setdefault(f"{CHOSEN}, share {share}", []).append(told_apart(CHOSEN, draw, weighed))
    rows = {
        name: dict(zip(COLUMNS, map(mean, zip(*each, strict=True)), strict=True)) | {"draws_near": [x[1] for x in each]}
        for name, each in draws.items()
    }
    for name, row in sorted(rows.items(), key=lambda each: -float(each[1]["chosen_by"])):
        print(f"{name:44}" + "".join(f"{column} {row[column]:.4f}  " for column in COLUMNS))
    write_json(RESULTS, {"share": TYPICAL_SHARE, "scores": rows})


def told_apart(name: str, draw: Draw, decision: Decision) -> tuple[float, float, float]:
    """AUROC of a score: of held-out photos and lessons, and of test photos and strangers, near and far."""
    bundle, photos = draw
    catalogue = Catalogue.of(bundle)
    sides = (
        bundle.held_out.astype(np.float32),
        photos.lessons.vectors,
        photos.known.vectors,
        photos.near.vectors,
        photos.far,
    )
    held_out, lessons, known, near, far = (
        known_score(name, Impression(catalogue, decision, vectors, bundle.differences)) for vectors in sides
    )
    return auroc(held_out, lessons), auroc(known, near), auroc(known, far)


if __name__ == "__main__":
    main()
