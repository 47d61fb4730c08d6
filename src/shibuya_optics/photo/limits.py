"""How large a photo may be, checked before the memory for it is taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import EmptyPhotoError, TooManyBytesError, TooManyPixelsError

Pixels = NDArray[np.uint8]
MOST_PIXELS = 64_000_000
MOST_BYTES = 64_000_000


def check_bytes(name: str, size: int) -> None:
    """Refuse a photo of no bytes, or of more than `MOST_BYTES`.

    Raises:
        EmptyPhotoError, TooManyBytesError
    """
    if size == 0:
        raise EmptyPhotoError(f"{name} is empty: it holds no bytes; copy or download it again.")
    if size > MOST_BYTES:
        raise TooManyBytesError(
            f"{name} has more than {MOST_BYTES // 10**6} MB, which is the most that is read: save it smaller."
        )


def check_pixels(name: str, width: int, height: int) -> None:
    """Refuse a photo with a side of no pixels, or of more than `MOST_PIXELS`.

    Raises:
        EmptyPhotoError, TooManyPixelsError
    """
    if min(width, height) < 1:
        raise EmptyPhotoError(f"{name} is empty: it is {width} x {height} pixels; give at least 1 x 1.")
    if width * height > MOST_PIXELS:
        raise TooManyPixelsError(
            f"{name} has {width * height:,} pixels ({width} x {height}), "
            f"at most {MOST_PIXELS // 10**6} megapixels are decoded: save it smaller."
        )
