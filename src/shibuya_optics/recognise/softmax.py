"""From logits to probabilities: pure functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LEAST_LOGIT = -20.7
"""Below the highest logit; of so little a probability is a billionth."""


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
