"""From what the senses tell to one set of scores: pure functions on arrays.

Looking gives each product a logit. Reading adds to it what the print's match is worth, in proportion to how much was read, up
to a bound: where nothing was read nothing is added, whatever the products. Both senses' say is log-linear (a logarithmic opinion pool,
Genest and Zidek 1986), and the weights are numbers of the bundle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision, Fusion
from shibuya_optics.recognise.catalogue.lexicon import Evidence
from shibuya_optics.recognise.known.trust_in_taught import Trust
from shibuya_optics.recognise.softmax import confidences, probabilities

Floats = NDArray[np.float32]
Scored = tuple[Floats, Floats]
LEAST_CANDIDATE = 0.01
"""What reading could decide between: products of at least this probability."""
SURE_OF_TAUGHT = 0.95
"""Confidence of a look at a taught product from which on nothing is read: what looks like one of a few photos is more often a stranger."""
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


def with_print(logits: Floats, evidence: Evidence, fusion: Fusion) -> Floats:
    """Logits `(n, products)` with what was read."""
    amount = np.minimum(evidence.amount, fusion.most)
    together: Floats = (logits + fusion.reading * amount[:, None] * evidence.match).astype(np.float32)
    return together


def fused(look: Scored, evidence: Evidence, looks: NDArray[np.bool_], fusion: Fusion, trust: Trust) -> Scored:
    """What looking and reading say together, as `look_alone`.

    Args:
        look: what `look_alone` gave.
        evidence: what was read; a photo of which nothing was read keeps its look's scores.
        looks: whether a product has a look, `(products,)`.
        fusion: the bundle's numbers.
        trust: what stands in their place where the best candidate was taught. There both senses' log-odds are added in full.
    """
    if not evidence.match.shape[1]:
        return look
    logits = with_print(look[0], evidence, fusion)
    amount = np.minimum(evidence.amount, fusion.most)
    best, taught = logits.argmax(axis=1), trust.best_taught(logits)
    match = evidence.match[np.arange(len(best)), best]
    worth, middle = (
        np.where(taught, trust.reading, fusion.known_reading),
        np.where(taught, trust.match, fusion.known_match),
    )
    said = worth * amount * (match - middle)
    legible = evidence.legible[best]
    # Of a product whose print nobody has told, a poor match says nothing; of one without a look, an unfamiliar look.
    left = np.where(legible & ~taught, 1 - amount / fusion.most * (1 - fusion.known_look), 1)
    by_look = np.where(looks[best] | (amount == 0), trust.by_nearness(logits, look[1]), 0)
    known = left * by_look + np.where(legible, said, np.maximum(said, 0))
    return logits, known.astype(np.float32)


def doubtful(
    look: Scored, known: Floats, looks: NDArray[np.bool_], legible: NDArray[np.bool_], fusion: Fusion, trust: Trust
) -> NDArray[np.bool_]:
    """Which photos a reading may help, `(n,)`.

    The look is not sure; print is known of a product in question; and a full match could still make the photo known.

    Args:
        look: what `look_alone` gave.
        known: log-odds that a photo shows anything known, by all tests, `(n,)`.
        looks: whether a product has a look, `(products,)`.
        legible: whether print is known of it, `(products,)`.
        fusion: the bundle's numbers.
        trust: what stands in their place for taught products.
    """
    if not legible.any():
        return np.zeros(len(look[1]), np.bool_)
    sure = np.where(trust.best_taught(look[0]), max(fusion.sure, SURE_OF_TAUGHT), fusion.sure)
    unsure = confidences(look[0], known).max(axis=1) < sure
    candidates = (probabilities(look[0]) >= LEAST_CANDIDATE) & legible
    learned = fusion.known_look * look[1] + fusion.most * fusion.known_reading * (1 - fusion.known_match) >= 0
    taught = trust.of_taught(look[1]) + fusion.most * trust.reading * (1 - trust.match) >= 0
    reachable = (candidates & ~trust.taught).any(axis=1) & learned | (candidates & trust.taught).any(axis=1) & taught
    told = legible & ~looks
    answer: NDArray[np.bool_] = unsure & (reachable | told.any())
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
