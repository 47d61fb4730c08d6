"""From likeness to an answer: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Costs
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.softmax import confidences
from shibuya_optics.records import Answer, Candidate, Level

Floats = NDArray[np.float32]
Claim = tuple[str | None, Level, float]
MOST_CANDIDATES = 5
NOTHING: Claim = (None, "none", 0.0)


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
