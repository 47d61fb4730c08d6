"""From likeness to an answer: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Costs
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import Answer, Candidate, Level

Floats = NDArray[np.float32]
Claim = tuple[str | None, Level, float]
MOST_CANDIDATES = 5
LEAST_LOGIT = -20.7
"""Below the highest logit; of so little a probability is a billionth."""
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


def sharing(logits: Floats) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The products that share one photo, `(products,)`, and their probabilities; those of less than a billionth are left out.

    In a catalogue of many thousands next to all are left out, and cost nothing.
    """
    above = logits - logits.max() if logits.size else logits
    products = np.flatnonzero(above > LEAST_LOGIT)
    powers = np.exp(above[products].astype(np.float64))
    return products, powers / powers.sum()


def decide(
    logits: Floats,
    known: Floats,
    costs: Costs,
    tree: LabelTree,
    sets: NDArray[np.bool_] | None = None,
    seconds: float = 0.0,
) -> list[Answer]:
    """One answer a photo: the node of the label tree with the highest expected worth.

    A photo with `known` below 0 is not known, and nothing is claimed of it. Otherwise the candidates are the best product, the
    product whose variants have the largest confidence together, the likeliest kind, and silence, which is worth 0. A product
    without a kind adds to none. Where nothing is lost by it, the deeper node is claimed.

    Args:
        logits: of each product, `(n, products)`; they alone order the candidates.
        known: log-odds that a photo shows anything known, `(n,)`.
        costs: what answers are worth.
        tree: the products' labels.
        sets: which products are in each photo's answer set, `(n, products)`; None = there are no answer sets.
        seconds: what each answer took, put into each.
    """
    scored = confidences(logits, known)
    order = _best_first(logits)
    answers = []
    for row, best_first in enumerate(order):
        candidates = tuple(Candidate(tree.products[i], float(scored[row, i])) for i in best_first)
        is_known = bool(known[row] >= 0 and candidates)
        label, level, confidence = _claim(scored[row], candidates[0], costs, tree) if is_known else NOTHING
        answer_set = () if sets is None else _members(sets[row], logits[row], tree)
        answers.append(Answer(label, level, confidence, is_known, candidates, seconds, answer_set=answer_set))
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


def _members(inside: NDArray[np.bool_], logits: Floats, tree: LabelTree) -> tuple[str, ...]:
    """The labels of an answer set, the most likely first."""
    members = np.flatnonzero(inside)
    return tuple(tree.products[i] for i in members[np.argsort(-logits[members], kind="stable")])


def _claim(scored: Floats, best: Candidate, costs: Costs, tree: LabelTree) -> Claim:
    """The node with the highest expected worth."""
    stranger = max(1 - float(scored.sum()), 0.0)
    together, summed = _best_sum(*tree.rolled_up, scored)
    claims: list[tuple[float, Claim]] = [
        (_worth(best.confidence, 1.0, costs.wrong_product), (best.label, "product", best.confidence)),
        (0.0, NOTHING),
    ]
    if together is not None:
        claims.insert(1, (_worth(summed, costs.rolled_up, costs.wrong_product), (together, "product", summed)))
    kind, by_products = _best_sum(*tree.kinds_above, scored)
    if kind is not None:
        # A stranger, too, may be of the kind: it looks like it.
        share = by_products / max(1 - stranger, 1e-9)
        sure = by_products + stranger * costs.kinship * share
        claims.insert(-1, (_worth(sure, costs.right_kind, costs.wrong_kind), (kind, "kind", sure)))
    return max(claims, key=lambda claim: claim[0])[1]


def _worth(confidence: float, right: float, wrong: float) -> float:
    """Expected worth of a claim that is right with this probability."""
    return confidence * right - (1 - confidence) * wrong


def _best_sum(names: Sequence[str | None], places: NDArray[np.intp], scored: Floats) -> tuple[str | None, float]:
    """The name, of those at each product's place, with the highest sum of confidences; None when there is no name."""
    sums = np.bincount(places, scored)
    best = int(sums.argmax())
    if names[best] is None:
        sums[best] = -1
        best = int(sums.argmax())
    return names[best], 0.0 if names[best] is None else min(float(sums[best]), 1.0)
