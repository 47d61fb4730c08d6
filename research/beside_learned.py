"""What teaching costs the products known before, and what a reserve of taught products is worth.

    optics evaluate recipes/strangers.toml work/pantry.h5 --strangers protocol
    python research/beside_learned.py runs/<the run> [runs/<another>] --name grocery

Five of the products that each network of the protocol never saw are taught from 2, 5 and 20 train photos each, eight times. `chosen by`:
photos of old products are those held out of training, one half to measure the reserve and the other to ask for, and back; photos of
new ones are the other train photos. `test`: all test photos of both. Printed are the change of the accuracy of the old ones, in
points, and the accuracy of the new ones, with no reserve, the one that `recognise/answer/taught_logits.py` measures, twice that (what lowers the log
loss most), and distances in cosine. Writes docs/research/beside-<name>.json. Seconds a network, once its vectors are there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.evaluate.few_shot import Seen
from shibuya_optics.evaluate.right import right_of
from shibuya_optics.files import write_json
from shibuya_optics.recognise import Answering, Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.train.strangers import Draw, finished_draws

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research"
KS, TIMES, PRODUCTS, COVERAGE = (2, 5, 20), 8, 5, 0.9
Vectors = NDArray[np.float32]


def reserve_of(answering: Answering) -> float:
    """What is taken off taught products, log-odds."""
    return answering.taught_look.reserve


def distance(cosine: float) -> Callable[[Answering], float]:
    """Taught products held at a distance, in cosine, the same for all."""
    return lambda answering: cosine * answering.bundle.decision.scale / answering.bundle.decision.temperature


WAYS: dict[str, Callable[[Answering], float]] = {
    "none": lambda _: 0.0,
    "measured": reserve_of,
    "twice": lambda answering: 2 * reserve_of(answering),
    **{f"distance {cosine}": distance(cosine) for cosine in (0.02, 0.04, 0.06, 0.08)},
}


def main() -> None:
    """Teach, ask, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders of the protocol, of one dataset")
    parser.add_argument("--name", required=True, help="of the results")
    asked = parser.parse_args()
    draws = [draw for run in asked.runs for draw in finished_draws(run)]
    rows = []
    for k in KS:
        by_way: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
        for number, draw in enumerate(draws):
            for time in range(TIMES):
                for way, numbers in _measured(draw, k, (number, time)).items():
                    by_way[way].append(numbers)
        for way, each in by_way.items():
            chosen_old, chosen_new, old, new, reserve = (mean(column) for column in zip(*each, strict=True))
            rows.append(
                {
                    "photos_each": k,
                    "way": way,
                    "chosen_by": {"old": chosen_old, "new": chosen_new},
                    "test": {"old": old, "new": new},
                    "reserve": reserve,
                }
            )
            print(
                f"{k:2} {way:14} chosen by: old {100 * chosen_old:+.1f} new {chosen_new:.3f}   "
                f"test: old {100 * old:+.1f} new {new:.3f}   {reserve:.2f}",
                flush=True,
            )
    write_json(
        RESULTS / f"beside-{asked.name}.json",
        {"networks": len(draws), "times": TIMES, "taught": PRODUCTS, "rows": rows},
    )


def _measured(draw: Draw, k: int, seed: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    rng = np.random.default_rng(seed)
    bundle, photos = draw
    owners = np.array(photos.lessons.labels)
    drawn = rng.choice(sorted(set(photos.lessons.labels)), PRODUCTS, replace=False).tolist()
    order = {label: rng.permutation(np.flatnonzero(owners == label)) for label in drawn}
    lessons = {label: photos.lessons.vectors[rows[:k]] for label, rows in order.items()}
    others = [row for rows in order.values() for row in rows[k:]]
    more = Seen(photos.lessons.vectors[others], tuple(owners[others].tolist()))
    rows = np.flatnonzero(np.isin(photos.near.labels, drawn))
    near = Seen(photos.near.vectors[rows], tuple(photos.near.labels[row] for row in rows))
    halves = np.array_split(rng.permutation(len(bundle.held_out)), 2)
    whole = _answering(bundle, lessons, np.arange(len(bundle.held_out)))
    parts = [_answering(bundle, lessons, half) for half in halves]
    held_out = [
        Seen(
            bundle.held_out[half].astype(np.float32),
            tuple(bundle.tree.products[product] for product in bundle.held_out_products[half]),
        )
        for half in halves
    ]
    measured: dict[str, tuple[float, ...]] = {}
    for way, reserve in WAYS.items():
        crossed = list(zip(parts, reversed(held_out), strict=True))
        measured[way] = (
            mean(_right(part, reserve(part), half) - _right(part, None, half) for part, half in crossed),
            mean(_right(part, reserve(part), more) for part in parts),
            _right(whole, reserve(whole), photos.known) - _right(whole, None, photos.known),
            _right(whole, reserve(whole), near),
            reserve(whole),
        )
    return measured


def _answering(bundle: Bundle, lessons: dict[str, Vectors], held_out: NDArray[np.intp]) -> Answering:
    """The bundle, with some of its held-out photos, once the lessons are taught."""
    catalogue = Catalogue.of(
        replace(bundle, held_out=bundle.held_out[held_out], held_out_products=bundle.held_out_products[held_out])
    )
    for label, vectors in lessons.items():
        catalogue = teach(catalogue, label, vectors)
    return Answering(catalogue, bundle, COVERAGE)


def _right(answering: Answering, reserve: float | None, photos: Seen) -> float:
    """Accuracy with a reserve; None: where nothing was taught."""
    catalogue, decision = answering.catalogue, answering.bundle.decision
    logits = decision.scale / decision.temperature * answering.likeness.cosines(photos.vectors)
    logits -= np.where(catalogue.was_taught, np.inf if reserve is None else reserve, 0).astype(np.float32)
    return float(right_of(logits, photos.labels, catalogue.tree).products.mean())


if __name__ == "__main__":
    main()
