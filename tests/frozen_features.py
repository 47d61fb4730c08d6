"""What a network that knows no product sees in the photos of Grocery Store; tests of several files look at it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FrozenFeatures(NamedTuple):
    """Unit rows of a network as it was trained on ImageNet, of train and test photos, and their class ids."""

    train: NDArray[np.float32]
    classes: NDArray[np.int64]
    test: NDArray[np.float32]
    truth: NDArray[np.int64]
