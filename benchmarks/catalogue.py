"""Catalogues of thousands of products: every product scored, beside a shortlist of them, on one thread.

    python benchmarks/catalogue.py --out bench/catalogue.json

Products are made from the photos that the shipped bundle remembers: a prototype is a mixture of three of them, so that products
crowd as real ones do; photos of a product differ from it as two photos of one product differ from each other. Each product
has one to five exemplars. `ms_a_photo` is all that comes after the network, of one photo at a time: cosines, familiarity,
logits, confidences, answer; median over the queries. `exact` scores every product, `shortlist` is what the package does at that size,
with products that training learned, and `taught` with products that were taught, where `ms_first_met` is of photos
near whose products no photo was before, when handicaps are measured, too. (Handicaps of all taught products, as small catalogues have
them, would take hours at 100,000.) `recall` is the share of the nearest product, and of the nearest five, that are
shortlisted, and `same_answer` that of answers with the same label. `mib` is what is held in memory, `build_ms` what follows
teaching or opening, and `teach_ms` teaching one product. It needs 6 GiB of memory.

Expected: below 10 ms a photo at 100,000 products, recall of the nearest above 0.99.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reporting import report
from shibuya_optics import Answer
from shibuya_optics.bundle import Bundle, find_bundle, read_bundle
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise import Catalogue, confidences, decide
from shibuya_optics.recognise.answer.answer_sets import answer_sets
from shibuya_optics.recognise.answer.fusing import look_alone
from shibuya_optics.recognise.catalogue.catalogue import cosines
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.log_odds import log_odds
from shibuya_optics.recognise.known.mahalanobis import Typical
from shibuya_optics.recognise.known.nearness import familiarity
from shibuya_optics.recognise.known.shortlist import Likeness

SIZES = (1_000, 10_000, 100_000)
LIMIT = 0.9
MOST_EXEMPLARS, BLOCK, FIRST = 5, 2_000, 20
Vectors = NDArray[np.float32]
Scoring = Callable[[Vectors], tuple[Vectors, Vectors]]


class Maker:
    """Makes products and photos of them.

    Args:
        bundle: whose remembered photos they are made of.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._rng = np.random.default_rng(0)
        self._real = unit(bundle.exemplars.astype(np.float32))
        same = bundle.exemplar_products[:, None] == bundle.exemplar_products[None, :]
        self._pairs = np.argwhere(same & ~np.eye(len(same), dtype=np.bool_))

    def photos(self, centres: Vectors) -> Vectors:
        """A photo around each centre, unit rows."""
        one, other = self._real[self._pairs[self._rng.integers(len(self._pairs), size=len(centres))].T]
        return unit(centres + (one - other) / 2)

    def catalogue(self, size: int) -> tuple[Catalogue, Vectors]:
        """A catalogue of learned products, and the centres that their photos lie around, `(size, d)`."""
        counts = self._rng.integers(1, MOST_EXEMPLARS + 1, size)
        products = np.repeat(np.arange(size, dtype=np.int32), counts)
        centres = np.empty((size, self._real.shape[1]), np.float32)
        exemplars = np.empty((len(products), self._real.shape[1]), np.float16)
        for start in range(0, size, BLOCK):
            block = slice(start, start + BLOCK)
            parts = self._real[self._rng.integers(len(self._real), size=(len(centres[block]), 3))]
            shares = self._rng.dirichlet(np.ones(3), len(parts)).astype(np.float32)
            centres[block] = unit((shares[:, None, :] @ parts)[:, 0])
        for start in range(0, len(products), BLOCK):
            exemplars[start : start + BLOCK] = self.photos(centres[products[start : start + BLOCK]])
        firsts = np.cumsum(counts) - counts
        prototypes = np.empty_like(centres)
        for start in range(0, size, BLOCK):
            rows = exemplars[firsts[start] : firsts[start] + counts[start : start + BLOCK].sum()].astype(np.float32)
            prototypes[start : start + BLOCK] = unit(
                np.add.reduceat(rows, firsts[start : start + BLOCK] - firsts[start])
            )
        tree = LabelTree(tuple(f"Shelf {i // 1000}/Row {i // 20}/Product {i}" for i in range(size)))
        weights = counts.astype(np.float32)
        return Catalogue(tree, prototypes, weights, exemplars, products, taught=frozenset()), centres


def unit(rows: Vectors) -> Vectors:
    """The rows, scaled to length 1."""
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def asked(catalogue: Catalogue, scoring: Scoring, photos: Vectors, bundle: Bundle) -> tuple[list[Answer], list[float]]:
    """Answers to photos, one at a time, and the milliseconds of each."""
    answers, times = [], []
    typical = Typical(catalogue, bundle.differences)
    limits, kind_ids = np.full(len(catalogue.tree), LIMIT), np.array(catalogue.tree.kind_ids)
    for photo in photos:
        start = time.thread_time()
        logits, near = look_alone(*scoring(photo[None]), catalogue.looks, bundle.decision)
        known = log_odds(logits, near, kind_ids, bundle.decision, typical(photo[None], logits.argmax(axis=1)))
        sets = answer_sets(logits, limits)
        answers += decide(logits, known, bundle.costs, catalogue.tree, sets)
        confidences(logits, known)
        times.append(1000 * (time.thread_time() - start))
    return answers, times


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    start = time.thread_time()
    work()
    return round(1000 * (time.thread_time() - start), 1)


def mib(*arrays: NDArray[Any]) -> int:
    """Memory of arrays."""
    return round(sum(array.nbytes for array in arrays) / 2**20)


def measured(maker: Maker, size: int, queries: int) -> dict[str, Any]:
    """One size."""
    catalogue, centres = maker.catalogue(size)
    midpoint = maker.bundle.decision.known_midpoint
    truth = np.random.default_rng(1).choice(size, queries, replace=False)
    photos = maker.photos(centres[truth])
    likeness = Likeness(catalogue, midpoint)
    fast, fast_ms = asked(catalogue, likeness, photos, maker.bundle)
    build = timed(lambda: Likeness(catalogue, midpoint))
    shelf = timed(lambda: catalogue.shelf)

    def every(vectors: Vectors) -> tuple[Vectors, Vectors]:
        return cosines(catalogue, vectors), familiarity(catalogue, vectors)

    slow, slow_ms = asked(catalogue, every, photos, maker.bundle)
    held = mib(catalogue.prototypes, catalogue.exemplars)
    result: dict[str, Any] = {"products": size, "exemplars": len(catalogue.exemplars), "queries": queries}
    result["exact"] = {
        **summary(slow, slow_ms, catalogue, truth),
        "mib": held + mib(catalogue.shelf[0]),
        "build_ms": shelf,
    }
    quick: dict[str, Any] = {**summary(fast, fast_ms, catalogue, truth), "build_ms": build}
    quick["same_answer"] = share([one.label == other.label for one, other in zip(fast, slow, strict=True)])
    if likeness.shortlists:
        listed = likeness.shortlist(photos)
        nearest = [np.argsort(-cosines(catalogue, photo[None])[0])[:5] for photo in photos]
        quick["mib"] = held + mib(likeness.sketches)
        quick["recall"] = {
            f"nearest {count}": share(
                [np.isin(best[:count], few).mean() for best, few in zip(nearest, listed, strict=True)]
            )
            for count in (1, 5)
        }
    result["shortlist"] = quick
    del catalogue.__dict__["shelf"]
    new = maker.photos(np.repeat(centres[:1], 5, axis=0))
    result["teach_ms"] = timed(lambda: teach(catalogue, "Shelf/Row/New", new))
    taught = replace(catalogue, taught=frozenset(catalogue.tree.products))
    if likeness.shortlists:
        likeness = Likeness(taught, midpoint)
        _, first = asked(taught, likeness, photos[:FIRST], maker.bundle)
        _, later = asked(taught, likeness, photos[:FIRST], maker.bundle)
        result["taught"] = {
            "ms_first_met": round(float(np.median(first)), 2),
            "ms_a_photo": round(float(np.median(later)), 2),
        }
    else:
        handicaps_ms = timed(lambda: Likeness(taught, midpoint)(photos[:1]))
        result["taught"] = {"handicaps_ms": handicaps_ms}
    return result


def summary(
    answers: list[Answer], times: list[float], catalogue: Catalogue, truth: NDArray[np.int64]
) -> dict[str, float]:
    """Milliseconds, and the share of best candidates that are right."""
    right = [a.candidates[0].label == catalogue.tree.products[t] for a, t in zip(answers, truth, strict=True)]
    return {
        "ms_a_photo": round(float(np.median(times)), 2),
        "ms_95": round(float(np.quantile(times, 0.95)), 2),
        "best_candidate_right": share(right),
    }


def share(of: list[Any]) -> float:
    """The mean."""
    return round(float(np.mean(of)), 4)


def measure(turns: int) -> dict[str, Any]:
    """All sizes; `turns` queries each."""
    maker = Maker(read_bundle(find_bundle(None)))
    return {"threads": 1, "sizes": [measured(maker, size, turns) for size in SIZES]}


if __name__ == "__main__":
    report(__doc__, 200, measure)
