"""How sure answers are with five, 50 and 500 taught products: rendered packs of invented brands, by looking alone.

    python research/many_taught.py

Two of the demo's pantries of 288 products each (seeds 1 and 2, not the demo's own); their labels are told apart by the pantry. Taught are
the first products in an order drawn by a seed, from three photos each, to the shipped network, which knows none of them and whose
own products are left out; asked for are two other photos of each, and one photo of each of 76 products that are never taught.
ECE, expected calibration error, is that of the best candidate's confidence: of photos of taught products, and with the strangers among them.
Writes docs/research/many-taught.json. About four minutes on two cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics import Recogniser
from shibuya_optics.demo import Product, pantry, render
from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.files import write_json
from shibuya_optics.recognise import COVERAGE, Answering, Catalogue, probabilities
from shibuya_optics.recognise.catalogue.teaching import teach

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "research"
SEEDS, EACH, SIZE = (1, 2), 288, (400, 300)
LESSONS, ASKED = 3, 2
COUNTS, STRANGERS = (5, 50, 500), 76
Vectors = NDArray[np.float32]


def main() -> None:
    """Photograph, measure, print, write."""
    recogniser = Recogniser.open()
    products = [(f"{seed}-{product.label}", product) for seed in SEEDS for product in pantry(EACH, seed)]
    order = np.random.default_rng(0).permutation(len(products))
    shuffled = [products[i] for i in order]
    taught, strange = shuffled[: max(COUNTS)], shuffled[max(COUNTS) :][:STRANGERS]
    seen = {label: looked(recogniser, product, range(LESSONS + ASKED)) for label, product in taught}
    strangers = np.concatenate([looked(recogniser, product, range(1)) for _, product in strange])
    rows = []
    for count in COUNTS:
        rows.append(measured(recogniser, {label: seen[label] for label, _ in taught[:count]}, strangers))
        print(rows[-1], flush=True)
    write_json(RESULTS / "many-taught.json", {"lessons": LESSONS, "asked": ASKED, "rows": rows})


def looked(recogniser: Recogniser, product: Product, takes: Sequence[int]) -> Vectors:
    """What the network sees in photos of a product, unit rows."""
    with ThreadPoolExecutor(2) as pool:
        return recogniser.vectors(list(pool.map(lambda take: render(product, take, SIZE), takes)))


def measured(recogniser: Recogniser, seen: dict[str, Vectors], strangers: Vectors) -> dict[str, Any]:
    """Teach, ask, and count."""
    catalogue = Catalogue.of(recogniser.bundle).emptied()
    for label, vectors in seen.items():
        catalogue = teach(catalogue, label, vectors[:LESSONS])
    asked = np.concatenate([vectors[LESSONS:] for vectors in seen.values()])
    truth = np.repeat(np.arange(len(seen)), ASKED)
    answering = Answering(catalogue, recogniser.bundle, COVERAGE)
    start = perf_counter()
    answering.by_look(asked[:1])
    first = perf_counter()
    scores = answering.by_look(asked)
    each = (perf_counter() - first) / len(asked)
    right = scores.logits.argmax(axis=1) == truth
    named = np.array([answer.level == "product" for answer in scores.answers])
    said = scores.confidences.max(axis=1)
    others = answering.by_look(strangers)
    everyone = np.concatenate([said, others.confidences.max(axis=1)])
    numbers = {
        "accuracy": np.mean(right),
        "confidence": np.mean(said),
        "softmax_ece": expected_calibration_error(probabilities(scores.logits).max(axis=1), right),
        "ece": expected_calibration_error(said, right),
        "ece_with_strangers": expected_calibration_error(
            everyone, np.append(right, np.zeros(len(strangers), np.bool_))
        ),
        "refused": np.mean([not answer.known for answer in scores.answers]),
        "named": np.mean(named),
        "named_wrongly": np.mean(named & ~right),
        "strangers_named": np.mean([answer.level == "product" for answer in others.answers]),
        "strangers_refused": np.mean([not answer.known for answer in others.answers]),
        "first_answer_s": first - start,
        "ms_a_photo": 1000 * each,
    }
    return {"taught": len(seen)} | {name: round(float(value), 4) for name, value in numbers.items()}


if __name__ == "__main__":
    main()
