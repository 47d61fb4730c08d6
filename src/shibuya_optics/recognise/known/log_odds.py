"""The log-odds that a photo shows anything known, by all scores that answers rest on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Decision
from shibuya_optics.recognise.known.kind_entropy import Ids, kind_certainty, unanimity

Floats = NDArray[np.float32]
SHARPER = 5.0
"""How much more sharply nearness cuts off beside kinds than alone, in bundles that do not know what is typical."""


def log_odds(
    logits: Floats,
    near: Floats,
    kind_ids: Ids,
    decision: Decision,
    typical: Floats,
    taught: NDArray[np.bool_] | None = None,
) -> Floats:
    """Log-odds that a photo shows anything known, `(n,)`.

    Where the best candidate was learned, that is how nearly all speaks for one kind and how typical of the candidate the photo is, together.
    Where it was taught, the lower of what nearness and kinds say.

    Args:
        logits: of each product, `(n, products)`.
        near: log-odds by nearness, and by print where it was read, `(n,)`.
        kind_ids: the kind of each product.
        decision: the bundle's numbers.
        typical: how typical each photo is of its best candidate, `(n,)`, as `Typical` gives it.
        taught: whether each photo's best candidate came by teaching, `(n,)`. None = nowhere.
    """
    if not decision.kinds_slope:
        return near
    certain = kind_certainty(logits, kind_ids)
    of_taught = decision.kinds_slope * (certain - decision.kinds_midpoint)
    if decision.learned_slope:
        alike = unanimity(certain) + decision.typical_weight * typical
        of_learned = decision.learned_slope * (alike - decision.learned_midpoint)
    else:
        of_learned = np.minimum(SHARPER * near, of_taught)
    if taught is None:
        taught = np.zeros(len(near), np.bool_)
    known: Floats = np.where(taught, np.minimum(near, of_taught), of_learned).astype(np.float32)
    return known
