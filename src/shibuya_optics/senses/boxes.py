"""Where print and codes stand in a photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.records import Box


def box_of(corners: NDArray[np.floating]) -> Box:
    """Corners `(4, 2)`, shares of width and height, as plain numbers, none outside the photo."""
    a, b, c, d = ((round(float(x), 4), round(float(y), 4)) for x, y in np.clip(corners, 0, 1).tolist())
    return a, b, c, d


def prominence(box: Box) -> tuple[float, float]:
    """How tall a line is, as a share of the photo, and how far its middle lies from the photo's, 0 to 0.5."""
    corners = np.array(box)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    height = min(sides[0] + sides[2], sides[1] + sides[3]) / 2
    return float(height), float(np.abs(corners.mean(axis=0) - 0.5).max())
