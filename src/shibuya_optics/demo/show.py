"""The show: a pantry is photographed, eight products are taught, unseen photos and strangers are identified."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from shibuya_optics.contract import Pixels
from shibuya_optics.dataset.progress import Progress, silent
from shibuya_optics.demo.brands import Product, pantry
from shibuya_optics.demo.outcome import Outcome, ProductOutcome, Seconds, Shot, verdict
from shibuya_optics.demo.scenes import render
from shibuya_optics.photo import PhotoSource
from shibuya_optics.records import Answer

TAUGHT, STRANGERS = 8, 16
TEACHING_TAKES, UNSEEN_TAKES, STRANGER_TAKES = range(4), range(4, 9), range(1)
MOST_WORKERS = 8
BATCH = 8


class Learner(Protocol):
    """What the show needs of a recogniser."""

    def teach(self, label: str, photos: Iterable[PhotoSource]) -> object:
        """Add a product from photos of it."""
        ...

    def identify_many(self, photos: Iterable[PhotoSource]) -> list[Answer]:
        """Say what each photo shows."""
        ...


@dataclass(frozen=True)
class Take:
    """One photo to be taken: which product, and the seed of the photo."""

    product: Product
    seed: int


def run(learner: Learner, seed: int = 0, progress: Progress = silent) -> Outcome:
    """Teach `learner` eight products from four photos each, and see what it says of 40 unseen photos and 16 strangers.

    Args:
        learner: a recogniser that knows no products yet; it is taught.
        seed: 0 or more; another seed gives another pantry and other photos.
        progress: shows how far the photos are.

    Raises:
        InputError: `seed` is negative.
    """
    products = pantry(TAUGHT + STRANGERS, seed)
    taught, strangers = products[:TAUGHT], products[TAUGHT:]
    lessons = [Take(product, take) for product in taught for take in TEACHING_TAKES]
    exams = [Take(product, take) for product in taught for take in UNSEEN_TAKES]
    strange = [Take(product, take) for product in strangers for take in STRANGER_TAKES]
    start = perf_counter()
    photos = _photographed([*lessons, *exams, *strange], progress)
    rendered = perf_counter()
    examples = _teach(learner, taught, photos[: len(lessons)], progress)
    learned = perf_counter()
    unseen = photos[len(lessons) :]
    answers = _identified(learner, unseen, progress)
    done = perf_counter()
    shots = [_shot(*seen, taught) for seen in zip([*exams, *strange], unseen, answers, strict=True)]
    return Outcome(
        seed=seed,
        products=tuple(
            ProductOutcome(product.label, examples[product.label], _of(product, shots)) for product in taught
        ),
        strangers=tuple(shots[len(exams) :]),
        seconds=Seconds(render=rendered - start, teach=learned - rendered, identify=done - learned),
    )


def _photographed(takes: Sequence[Take], progress: Progress) -> list[Pixels]:
    """The photos, in order; they are taken side by side, for Pillow and NumPy leave the interpreter free."""
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    with ThreadPoolExecutor(workers) as pool:
        photos = pool.map(lambda take: render(take.product, take.seed), takes)
        return list(progress(photos, "Photographing", len(takes)))


def _teach(
    learner: Learner, products: Sequence[Product], photos: Sequence[Pixels], progress: Progress
) -> dict[str, tuple[Pixels, ...]]:
    """Teach each product from its share of the photos, which comes back by label."""
    share = len(TEACHING_TAKES)
    examples = {product.label: tuple(photos[share * i :][:share]) for i, product in enumerate(products)}
    for label in progress(examples, "Teaching", len(examples)):
        learner.teach(label, examples[label])
    return examples


def _identified(learner: Learner, photos: Sequence[Pixels], progress: Progress) -> list[Answer]:
    batches = [photos[first : first + BATCH] for first in range(0, len(photos), BATCH)]
    return [
        answer for batch in progress(batches, "Identifying", len(batches)) for answer in learner.identify_many(batch)
    ]


def _shot(take: Take, photo: Pixels, answer: Answer, taught: Sequence[Product]) -> Shot:
    known = take.product in taught
    return Shot(take.product.label, photo, answer, verdict(take.product.label, answer, taught=known))


def _of(product: Product, shots: Iterable[Shot]) -> tuple[Shot, ...]:
    return tuple(shot for shot in shots if shot.label == product.label)
