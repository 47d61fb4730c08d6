"""Decision numbers, measured on photos that the network was not trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.answer.fusing import look_alone
from shibuya_optics.recognise.catalogue.catalogue import cosines
from shibuya_optics.recognise.known.kind_entropy import kind_certainty, unanimity
from shibuya_optics.recognise.known.log_odds import log_odds
from shibuya_optics.recognise.known.mahalanobis import Typical
from shibuya_optics.recognise.known.nearness import familiarity
from shibuya_optics.recognise.softmax import confidences

# How much trust that it is known at all the median photo of a known product enjoys, by each test.
TRUSTS_AT_MEDIAN = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
SHARES = np.linspace(0, 1, 201)
LARGEST_TEMPERATURE = 20.0
LEAST_REACH = 1e-3
TYPICAL_SHARE = 0.5
"""What being typical weighs beside the kind, each in units of its spread over held-out photos; docs/decisions/0014."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What networks trained alike said of photos that they had not seen: logits `(photos, products)`, class ids `(photos,)`."""

    logits: NDArray[np.float32]
    truth: NDArray[np.int64]


def measure_decision(
    known: Typical,
    scale: float,
    vectors: NDArray[np.float32],
    labels: NDArray[np.integer],
    refused: float,
    out_of_fold: OutOfFold | None = None,
) -> Decision:
    """The numbers that turn likeness into an answer, from held-out photos of known products.

    The temperature is where the log loss of the true product is lowest. At most the share `refused` is refused, by what is typical of one
    kind, and by nearness and kinds together, nearness twice as many. How fast trust rises beyond them is what makes the best
    candidate's confidence, trust included, the likeliest account of which photos were right (top-label log loss).

    Args:
        known: what the bundle will know, and how photos of it differ.
        scale: the head's, cosine to logit.
        vectors: unit rows `(photos, d)` of held-out photos.
        labels: their class ids `(photos,)`.
        refused: share, 0 to 1, of known photos that may be taken for strangers.
        out_of_fold: photos by which the temperature is measured beside the held-out ones.
    """
    catalogue = known.catalogue
    likeness, familiar = cosines(catalogue, vectors), familiarity(catalogue, vectors)
    temperature = best_temperature(
        np.concatenate([scale * likeness, *([out_of_fold.logits] if out_of_fold else [])]),
        np.concatenate([labels, *([out_of_fold.truth] if out_of_fold else [])]),
    )
    kind_ids = catalogue.tree.kind_ids
    logits = (scale / temperature * likeness).astype(np.float32)
    certain = kind_certainty(logits, kind_ids)
    typical = known(vectors, likeness.argmax(axis=1))
    alike = unanimity(certain)
    weight = TYPICAL_SHARE * float(alike.std() / typical.std()) if typical.std() else 0.0
    of_learned = alike + weight * typical
    near_cut, kinds_cut = _cuts(familiar, certain, refused)
    learned_cut = float(np.quantile(of_learned, refused))
    right = likeness.argmax(axis=1) == labels

    def likeliest(decisions: list[Decision]) -> Decision:
        losses = []
        for decision in decisions:
            _, near = look_alone(likeness, familiar, catalogue.looks, decision)
            said = confidences(logits, log_odds(logits, near, kind_ids, decision, typical)).max(axis=1)
            losses.append(top_label_loss(said, right))
        return decisions[int(np.argmin(losses))]

    alone = likeliest([Decision(scale, temperature, near_cut, slope) for slope in _slopes(familiar, near_cut)])
    if not _tells(certain, kinds_cut):
        return alone
    slopes = _slopes(certain, kinds_cut)
    beside = likeliest([replace(alone, kinds_midpoint=min(kinds_cut, 0.0), kinds_slope=slope) for slope in slopes])
    learned = replace(beside, typical_weight=weight, learned_midpoint=learned_cut)
    return likeliest([replace(learned, learned_slope=slope) for slope in _slopes(of_learned, learned_cut)])


def best_temperature(logits: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """The temperature, 1/20 to 20, at which the mean log loss of the true product is lowest.

    Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", 2017 (arXiv 1706.04599).

    Args:
        logits: `(photos, products)`, before any temperature.
        truth: class ids `(photos,)`.
    """
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        said = log_softmax(logits.astype(np.float64) / math.exp(log_temperature), axis=1)
        return float(-said[rows, truth].mean())

    limit = math.log(LARGEST_TEMPERATURE)
    return math.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x)


def _cuts(familiar: NDArray[np.float32], certain: NDArray[np.float32], refused: float) -> tuple[float, float]:
    """Thresholds of nearness and of kinds, which together cut off at most the share `refused`; nearness cuts off twice as many as kinds.

    Nearness is what tells strangers from taught products, whatever the kinds.
    """
    cuts = (float(familiar.min()), float(certain.min()))
    for share in SHARES:
        tried = float(np.quantile(familiar, share)), float(np.quantile(certain, share / 2))
        if np.mean((familiar < tried[0]) | (certain < tried[1])) > refused:
            break
        cuts = tried
    return cuts


def _tells(certain: NDArray[np.float32], cut: float) -> bool:
    """Whether kinds say anything: not where there is one alone, or where no photo is shared by several."""
    return float(np.median(certain)) - cut > LEAST_REACH


def _slopes(score: NDArray[np.float32], cut: float) -> Iterator[float]:
    """Log-odds for each unit of a score, with which its median photo enjoys each of the trusts."""
    reach = max(float(np.median(score)) - cut, LEAST_REACH)
    return (math.log(trust / (1 - trust)) / reach for trust in TRUSTS_AT_MEDIAN)


def top_label_loss(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Mean log loss of the statement "my best candidate is right with this confidence"; lower is better.

    Args:
        confidence: of the best candidate, 0 to 1, `(photos,)`.
        right: whether it was right, `(photos,)`.
    """
    claimed = np.clip(confidence.astype(np.float64), 1e-6, 1 - 1e-6)
    return float(-np.where(right, np.log(claimed), np.log(1 - claimed)).mean())
