"""From what the senses tell to one set of scores: pure functions on arrays.

Looking gives each product a logit. Reading adds to it what the print's match is worth, in proportion to how much was read, up
to a bound: where nothing was read nothing is added, whatever the products. Both senses' say is log-linear (a logarithmic opinion pool,
Genest and Zidek 1986), and the weights are numbers of the bundle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision, Fusion
from shibuya_optics.recognise.decide import confidences, probabilities
from shibuya_optics.recognise.words import Evidence

Floats = NDArray[np.float32]
Scored = tuple[Floats, Floats]
LEAST_CANDIDATE = 0.01
"""What reading could decide between: products of at least this probability."""
SETTLED = 7.0
"""Log-odds of a product whose barcode was seen, against all others together, and of being known: 0.999."""


def look_alone(cosines: Floats, familiarity: Floats, looks: NDArray[np.bool_], decision: Decision) -> Scored:
    """What looking says: logits `(n, products)`, and the log-odds that a photo shows anything known `(n,)`.

    A product that has no look gets the mean probability of those that have one: looking speaks neither for nor against it.

    Args:
        cosines: -1 to 1, `(n, products)`.
        familiarity: `(n,)`, higher = better known, handicaps of taught products taken off.
        looks: whether a product has a look, `(products,)`.
        decision: the bundle's numbers.
    """
    logits = ((decision.scale / decision.temperature) * cosines.astype(np.float64)).astype(np.float32)
    known = (decision.known_slope * (familiarity.astype(np.float64) - decision.known_midpoint)).astype(np.float32)
    if not looks.all() and looks.any():
        seen = logits[:, looks].astype(np.float64)
        highest = seen.max(axis=1)
        logits[:, ~looks] = (highest + np.log(np.exp(seen - highest[:, None]).mean(axis=1)))[:, None]
    return logits, known


def fused(look: Scored, evidence: Evidence, looks: NDArray[np.bool_], fusion: Fusion) -> Scored:
    """What looking and reading say together, as `look_alone`.

    Args:
        look: what `look_alone` gave.
        evidence: what was read; a photo of which nothing was read keeps its look's scores.
        looks: whether a product has a look, `(products,)`.
        fusion: the bundle's numbers.
    """
    if not evidence.match.shape[1]:
        return look
    amount = np.minimum(evidence.amount, fusion.most)
    logits = look[0] + fusion.reading * amount[:, None] * evidence.match
    best = logits.argmax(axis=1)
    match = evidence.match[np.arange(len(best)), best]
    said = fusion.known_reading * amount * (match - fusion.known_match)
    legible = evidence.legible[best]
    # Of a product whose print nobody has told, a poor match says nothing; of one without a look, an unfamiliar look.
    left = np.where(legible, 1 - amount / fusion.most * (1 - fusion.known_look), 1)
    by_look = np.where(looks[best] | (amount == 0), look[1], 0)
    known = left * by_look + np.where(legible, said, np.maximum(said, 0))
    return logits.astype(np.float32), known.astype(np.float32)


def doubtful(
    look: Scored, known: Floats, looks: NDArray[np.bool_], legible: NDArray[np.bool_], fusion: Fusion
) -> NDArray[np.bool_]:
    """Which photos a reading may help, `(n,)`.

    The look is not sure; print is known of a product in question; and a full match could still make the photo known.

    Args:
        look: what `look_alone` gave.
        known: log-odds that a photo shows anything known, by all tests, `(n,)`.
        looks: whether a product has a look, `(products,)`.
        legible: whether print is known of it, `(products,)`.
        fusion: the bundle's numbers.
    """
    if not legible.any():
        return np.zeros(len(look[1]), np.bool_)
    unsure = confidences(look[0], known).max(axis=1) < fusion.sure
    probable = probabilities(look[0]) >= LEAST_CANDIDATE
    best_case = fusion.known_reading * fusion.most * (1 - fusion.known_match)
    reachable = fusion.known_look * look[1] + best_case >= 0
    told = legible & ~looks
    helped = ((probable & legible).any(axis=1) & reachable) | told.any()
    answer: NDArray[np.bool_] = unsure & helped
    return answer


def settled(scored: Scored, row: int, products: list[int]) -> None:
    """Let the barcodes of products settle a photo: in place, of logits and log-odds. Several share it as they stood."""
    logits, known = scored
    others = np.ones(logits.shape[1], np.bool_)
    others[products] = False
    if others.any():
        rest = logits[row, others].astype(np.float64)
        total = rest.max() + np.log(np.exp(rest - rest.max()).sum())
        logits[row, products] += max(total + SETTLED - logits[row, products].max(), 0)
    known[row] = max(float(known[row]), SETTLED)
