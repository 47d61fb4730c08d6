"""What a method of training made: a bundle that is not yet measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle


@dataclass(frozen=True, eq=False)
class Made:
    """What a method made.

    Attributes:
        bundle: not yet measured.
        facts: what the method measured on its way, for the metrics.
        vectors: unit rows `(photos of the dataset, d)`, what the embedder sees in each photo, where that is known.
    """

    bundle: Bundle
    facts: dict[str, Any] = field(default_factory=dict)
    vectors: NDArray[np.float32] | None = None
