"""From likeness to an answer: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import Answer, Candidate, Level

Floats = NDArray[np.float32]
Claim = tuple[str | None, Level, float]
MOST_CANDIDATES = 5
NOTHING: Claim = (None, "none", 0.0)


def confidences(logits: Floats, known: Floats) -> Floats:
    """Probability, 0 to 1, that each photo shows each product: `(n, products)`.

    It is the probability among the products, the softmax of the logits, times the trust that it is any of them, the
    sigmoid of `known`. Rows add up to that trust.

    Args:
        logits: of each product, `(n, products)`, as `fuse` gives them.
        known: log-odds that a photo shows anything known, `(n,)`.
    """
    if not logits.shape[1]:
        return np.zeros_like(logits)
    exact = logits.astype(np.float64)
    powers = np.exp(exact - exact.max(axis=1, keepdims=True))
    trust = (1 + np.tanh(known.astype(np.float64) / 2)) / 2  # the sigmoid, in a form that cannot overflow
    scored: Floats = (trust[:, None] * powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return scored


def probabilities(logits: Floats) -> Floats:
    """Probability of each product among the products, `(photos, products)`: the confidence of what is surely known."""
    return confidences(logits, np.full(len(logits), np.inf, np.float32))


def decide(logits: Floats, known: Floats, decision: Decision, tree: LabelTree, seconds: float = 0.0) -> list[Answer]:
    """One answer a photo: the deepest node of the label tree that may be claimed.

    A photo with `known` below 0 is not known, and nothing is claimed of it. Otherwise the best product
    is claimed where its confidence reaches `product_threshold`; else the product whose variants together do; else the
    kind whose products together reach `kind_threshold`; else nothing. A product without a kind adds to none.

    Args:
        logits: of each product, `(n, products)`; they alone order the candidates.
        known: log-odds that a photo shows anything known, `(n,)`.
        decision: the bundle's numbers.
        tree: the products' labels.
        seconds: what each answer took, put into each.
    """
    scored = confidences(logits, known)
    order = _best_first(logits)
    answers = []
    for row, best_first in enumerate(order):
        candidates = tuple(Candidate(tree.products[i], float(scored[row, i])) for i in best_first)
        is_known = bool(known[row] >= 0 and candidates)
        label, level, confidence = _claim(scored[row], candidates[0], decision, tree) if is_known else NOTHING
        answers.append(Answer(label, level, confidence, is_known, candidates, seconds))
    return answers


def _best_first(logits: Floats) -> NDArray[np.intp]:
    """The class ids of each row's highest logits, the highest first, the first where they are equal: `(n, up to 5)`."""
    if logits.shape[1] <= MOST_CANDIDATES:
        return np.argsort(-logits, axis=1, kind="stable")
    least = np.partition(logits, -MOST_CANDIDATES, axis=1)[:, -MOST_CANDIDATES]
    rows = []
    for row, bound in zip(logits, least, strict=True):
        best = np.flatnonzero(row >= bound)
        rows.append(best[np.argsort(-row[best], kind="stable")][:MOST_CANDIDATES])
    return np.stack(rows) if rows else np.empty((0, MOST_CANDIDATES), np.intp)


def _claim(scored: Floats, best: Candidate, decision: Decision, tree: LabelTree) -> Claim:
    """The deepest node whose confidence is enough."""
    if best.confidence >= decision.product_threshold:
        return best.label, "product", best.confidence
    product, confidence = _best_sum(*tree.rolled_up, scored)
    if confidence >= decision.product_threshold:
        return product, "product", confidence
    kind, confidence = _best_sum(*tree.kinds_above, scored)
    if kind is not None and confidence >= decision.kind_threshold:
        return kind, "kind", confidence
    return NOTHING


def _best_sum(names: Sequence[str | None], places: NDArray[np.intp], scored: Floats) -> tuple[str | None, float]:
    """The name, of those at each product's place, with the highest sum of confidences; None when there is no name."""
    sums = np.bincount(places, scored)
    best = int(sums.argmax())
    if names[best] is None:
        sums[best] = -1
        best = int(sums.argmax())
    return names[best], 0.0 if names[best] is None else min(float(sums[best]), 1.0)
