"""Heat drawn over a photo, in colours whose lightness rises with the value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.recognise.why.heat import Heat

# Nine colours of viridis, evenly spaced: Smith and van der Walt, "A Better Default Colormap for Matplotlib", 2015 (CC0).
RAMP = np.array(
    [
        (68, 1, 84),
        (71, 44, 122),
        (59, 81, 139),
        (44, 113, 142),
        (33, 144, 141),
        (39, 173, 129),
        (92, 200, 99),
        (170, 220, 50),
        (253, 231, 37),
    ],
    np.float64,
)
DIMMED = 0.35
"""How light the part of the photo stays that was not seen."""
LEAST_COLOUR, MOST_COLOUR = 0.35, 0.65
"""Share of colour over the photo where there is no heat, and where it is hottest."""
NO_HEAT = 1e-6
"""A cell without which a cosine loses no more than this is cold: it is rounding."""


def warmed(photo: Pixels, heat: Heat, contract: InputContract) -> Pixels:
    """A photo `uint8 (height, width, 3)`, RGB, in grey, coloured by heat `(rows, columns)`: yellow is hottest, violet none.

    What lies outside the square that the contract cuts was not seen, and is dimmed.
    """
    height, width = photo.shape[:2]
    grey = photo.astype(np.float64) @ (0.299, 0.587, 0.114)
    share, seen = spread(heat, contract, height, width)
    alpha = (LEAST_COLOUR + (MOST_COLOUR - LEAST_COLOUR) * share)[..., None]
    mixed = grey[..., None] * (1 - alpha) + coloured(share) * alpha
    picture = np.where(seen[..., None], mixed, DIMMED * grey[..., None])
    return np.rint(picture).astype(np.uint8)


def spread(
    heat: Heat, contract: InputContract, height: int, width: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Heat laid on a photo of a height and width: shares of the hottest, 0 to 1, `(height, width)`; and what was seen.

    The cells cover the square evenly; between their centres it is bilinear. The rest is 0.
    """
    left, top, side = contract.frame(height, width)
    first_row, first_column = round(top), round(left)
    last_row, last_column = max(round(top + side), first_row + 1), max(round(left + side), first_column + 1)
    shares = np.zeros((height, width))
    seen = np.zeros((height, width), np.bool_)
    inside = slice(first_row, last_row), slice(first_column, last_column)
    size = (last_column - first_column, last_row - first_row)
    peak = float(heat.max(initial=0))
    if peak > NO_HEAT:
        large = Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
        shares[inside] = np.clip(np.asarray(large, np.float64) / peak, 0, 1)
    seen[inside] = True
    return shares, seen


def coloured(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares, 0 to 1, `(...)`, as colours `(..., 3)`, RGB, 0 to 255."""
    stops = np.linspace(0, 1, len(RAMP))
    return np.stack([np.interp(shares, stops, channel) for channel in RAMP.T], axis=-1)
