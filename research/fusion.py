"""How much reading counts beside looking: fits the numbers of `Fusion` on photos that nothing was taught from.

    python research/fusion.py runs/<the run>/held-out.optics work/pantry.h5 --readings work/readings.jsonl

The bundle's network must not have learned the packaged products (`recipes/held-out.toml`). They are taught anew, and asked for,
in many small worlds: from k photos of the train split, asked of the validation split, and the other way round; all of them, and
eight alone. Teaching and asking never share a shop visit, and no test photo is used.

`reading` and `most` have the lowest mean log loss over these worlds. `known_reading` and `known_match` have the lowest mean log loss
of telling taught products from eight that are left out by print alone, in the validation photos that have any. `known_look` is
chosen, not fitted: the loss falls a little further towards 0, but then print alone would decide what is known. Writes
docs/research/fusion.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from shibuya_optics import Recogniser
from shibuya_optics.bundle import Bundle, Fusion
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.evaluate.few_shot import Seen, taught
from shibuya_optics.evaluate.unknowns import auroc
from shibuya_optics.files import write_json
from shibuya_optics.labels import PACKAGES, is_below
from shibuya_optics.recognise import COVERAGE, Answering, probabilities
from shibuya_optics.recognise.answer.fusing import Floats, Scored, fused, with_print
from shibuya_optics.recognise.catalogue.lexicon import Evidence, lines_of
from shibuya_optics.records import Split
from shibuya_optics.senses import KeptRead

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research"
DRAWS, KNOWN_DRAWS, FEW, LEFT_OUT = 4, 30, 8, 8
KS, FEW_KS, KNOWN_KS = (1, 2, 5, 10, 20), (1, 2, 5), (5, 10, 20)


@dataclass(frozen=True, eq=False)
class World:
    """What the senses tell of photos of taught products, and of strangers.

    Attributes:
        answering: by what was taught.
        look: of the photos, as `Answering.seen`.
        evidence: of the photos.
        truth: class ids, `(photos,)`; -1 for strangers.
    """

    answering: Answering
    look: Scored
    evidence: Evidence
    truth: NDArray[np.int64]

    def logits(self, fusion: Fusion) -> Floats:
        """Of each product, looking and reading together."""
        return with_print(self.look[0], self.evidence, fusion)

    def scored(self, fusion: Fusion) -> Scored:
        """As an answer rests on them: the logits, and the log-odds of being known, by nearness and print."""
        weighed = replace(self.answering, bundle=replace(self.answering.bundle, fusion=fusion))
        return fused(self.look, self.evidence, weighed.catalogue.looks, fusion, weighed.trust_in_print)


def main() -> None:
    """Fit, print, write."""
    recogniser, (train, validation) = asked_for(__doc__, ("train", "validation"))
    worlds = [
        *_worlds(train, validation, KS, recogniser.bundle),
        *_worlds(validation, train, FEW_KS, recogniser.bundle),
    ]
    worlds += _worlds(train, validation, KS, recogniser.bundle, FEW)
    start = Fusion()
    together = fitted(start, ("reading", "most"), lambda fusion: float(np.mean([loss(w, fusion) for w in worlds])))
    strange = [
        world(train, validation, Draw(k, (11, draw), left_out=LEFT_OUT), recogniser.bundle)
        for draw in range(KNOWN_DRAWS)
        for k in KNOWN_KS
    ]
    final = fitted(
        together,
        ("known_reading", "known_match"),
        lambda fusion: float(np.mean([known_loss(w, fusion) for w in strange])),
    )
    document = report(final, worlds, strange)
    print(document)
    write_json(RESULTS / "fusion.json", document)


def asked_for(description: str | None, splits: Sequence[Split]) -> tuple[Recogniser, list[Seen]]:
    """The bundle that the command line names, and the packaged photos of some splits of its dataset."""
    options = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    options.add_argument("bundle", type=Path)
    options.add_argument("dataset", type=Path)
    options.add_argument("--readings", type=Path, required=True, help="what was read is kept here")
    given = options.parse_args()
    recogniser = Recogniser.open(given.bundle, reader=KeptRead(given.readings))
    with PantryFile.open(given.dataset) as file:
        return recogniser, [seen(recogniser, file, file.rows(split)) for split in splits]


def seen(recogniser: Recogniser, file: PantryFile, rows: NDArray[np.intp]) -> Seen:
    """The packaged photos among rows, looked at and read."""
    labels = [file.tree.products[file.labels[row]] for row in rows]
    chosen = [int(row) for row, label in zip(rows, labels, strict=True) if is_below(label, PACKAGES)]
    return Seen(
        recogniser.vectors(file.jpeg(row) for row in chosen),
        tuple(label for label in labels if is_below(label, PACKAGES)),
        tuple(lines_of(recogniser.words(file.jpeg(row))) for row in chosen),
    )


@dataclass(frozen=True)
class Draw:
    """What is drawn for a world: `k` lessons a product; `products`, all where None; `left_out` of them are strangers."""

    k: int
    seed: tuple[int, ...]
    products: int | None = None
    left_out: int = 0


def _worlds(lessons: Seen, asked: Seen, ks: Sequence[int], empty: Bundle, products: int | None = None) -> list[World]:
    return [world(lessons, asked, Draw(k, (k, draw), products), empty) for k in ks for draw in range(DRAWS)]


def world(lessons: Seen, asked: Seen, draw: Draw, empty: Bundle) -> World:
    """Teach products from k of their lessons each, and look at and read the photos asked for.

    Photos asked for of products that have no lessons are left aside; of `empty` the numbers alone are used.
    """
    rng = np.random.default_rng(draw.seed)
    labels = sorted(set(lessons.labels))
    chosen = labels if draw.products is None else sorted(rng.choice(labels, draw.products, replace=False).tolist())
    strangers = set(rng.choice(chosen, draw.left_out, replace=False).tolist())
    owners = np.array(lessons.labels)
    rows = [
        row
        for label in chosen
        if label not in strangers
        for row in rng.permutation(np.flatnonzero(owners == label))[: draw.k].tolist()
    ]
    catalogue = taught(lessons, rows, empty)
    photos = [row for row, label in enumerate(asked.labels) if label in chosen]
    answering = Answering(catalogue, empty, COVERAGE)
    ids = {label: i for i, label in enumerate(catalogue.tree.products)}
    return World(
        answering,
        answering.seen(asked.vectors[photos]).scored,
        answering.lexicon.evidence([asked.lines[row] for row in photos]),
        np.array([ids.get(asked.labels[row], -1) for row in photos], np.int64),
    )


def loss(one: World, fusion: Fusion) -> float:
    """Mean log loss of the true product."""
    shares = probabilities(one.logits(fusion))
    return float(-np.log(np.maximum(shares[np.arange(len(one.truth)), one.truth], 1e-9)).mean())


def known_loss(one: World, fusion: Fusion) -> float:
    """Log loss of telling taught products from strangers by print alone, each side's mean, where any was read."""
    logits = one.logits(fusion)
    read = one.evidence.amount > 0
    amount = np.minimum(one.evidence.amount, fusion.most)
    match = one.evidence.match[np.arange(len(logits)), logits.argmax(axis=1)]
    known = fusion.known_reading * amount * (match - fusion.known_match)
    strange = one.truth < 0
    return float((np.logaddexp(0, -known[~strange & read]).mean() + np.logaddexp(0, known[strange & read]).mean()) / 2)


def fitted(start: Fusion, names: Sequence[str], cost: Callable[[Fusion], float]) -> Fusion:
    """The numbers with those of `names` where the cost is lowest."""

    def at(logs: NDArray[np.float64]) -> Fusion:
        return replace(start, **{name: float(np.exp(log)) for name, log in zip(names, logs, strict=True)})

    first = np.log([getattr(start, name) for name in names])
    found = minimize(lambda logs: cost(at(logs)), first, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-5})
    return at(found.x)


def report(fusion: Fusion, worlds: Sequence[World], strange: Sequence[World]) -> dict[str, Any]:
    """The numbers, and what they are worth on what they were fitted on."""
    unread = replace(fusion, reading=0.0, known_look=1.0, known_reading=0.0)
    right = {
        name: float(np.mean([(w.scored(numbers)[0].argmax(axis=1) == w.truth).mean() for w in worlds]))
        for name, numbers in (("look", unread), ("both", fusion))
    }
    near = {
        name: float(np.mean([auroc(*_sides(w, numbers)) for w in strange]))
        for name, numbers in (("look", unread), ("both", fusion))
    }
    numbers = {
        name: getattr(fusion, name) for name in ("reading", "most", "known_look", "known_reading", "known_match")
    }
    return {"worlds": len(worlds), "fusion": numbers, "accuracy": right, "near_strangers_auroc": near}


def _sides(one: World, fusion: Fusion) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    known = one.scored(fusion)[1]
    return known[one.truth >= 0], known[one.truth < 0]


if __name__ == "__main__":
    main()
