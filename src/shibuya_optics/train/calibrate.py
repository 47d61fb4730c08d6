"""Decision numbers, measured on photos that the network was not trained on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.catalogue import Catalogue, cosines
from shibuya_optics.recognise.decide import confidences
from shibuya_optics.recognise.familiar import familiarity
from shibuya_optics.recognise.fuse import look_alone

TEMPERATURES = np.geomspace(0.1, 10, 201)
# Of these, how much trust that it is known at all the median photo of a known product enjoys.
TRUSTS_AT_MEDIAN = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
CLAIM_FROM = 0.5


def measure_decision(
    catalogue: Catalogue,
    scale: float,
    vectors: NDArray[np.float32],
    labels: NDArray[np.integer],
    refused: float,
) -> Decision:
    """The numbers that turn likeness into an answer, from held-out photos of known products.

    The threshold of the known is where the share `refused` of these photos lies below; trust is 0.5 there and rises
    with familiarity. How fast it rises, and the temperature, are those at which the best candidate's confidence, trust
    included, is the likeliest account of which photos were right (top-label log loss). Claims are made from 0.5 on.

    Args:
        catalogue: what the bundle will know.
        scale: the head's, cosine to logit.
        vectors: unit rows `(photos, d)` of held-out photos.
        labels: their class ids `(photos,)`.
        refused: share, 0 to 1, of known photos that may be taken for strangers.
    """
    likeness, known = cosines(catalogue, vectors), familiarity(catalogue, vectors)
    right = likeness.argmax(axis=1) == labels
    midpoint, median = (float(np.quantile(known, share)) for share in (refused, 0.5))
    decisions = [
        Decision(
            scale=scale,
            temperature=temperature,
            known_midpoint=midpoint,
            known_slope=math.log(trust / (1 - trust)) / max(median - midpoint, 1e-3),
            product_threshold=CLAIM_FROM,
            kind_threshold=CLAIM_FROM,
        )
        for trust in TRUSTS_AT_MEDIAN
        for temperature in TEMPERATURES.tolist()
    ]
    losses = [
        top_label_loss(confidences(*look_alone(likeness, known, catalogue.looks, d)).max(axis=1), right)
        for d in decisions
    ]
    return decisions[int(np.argmin(losses))]


def top_label_loss(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Mean log loss of the statement "my best candidate is right with this confidence"; lower is better.

    Args:
        confidence: of the best candidate, 0 to 1, `(photos,)`.
        right: whether it was right, `(photos,)`.
    """
    claimed = np.clip(confidence.astype(np.float64), 1e-6, 1 - 1e-6)
    return float(-np.where(right, np.log(claimed), np.log(1 - claimed)).mean())
