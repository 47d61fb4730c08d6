"""Photos with barcodes in them, drawn by the library that reads them."""

from __future__ import annotations

import numpy as np
import zxingcpp
from numpy.typing import NDArray


def code_image(text: str, scale: int = 3, kind: str = "EAN13") -> NDArray[np.uint8]:
    """A barcode on white with its quiet zone, uint8 `(height, width, 3)`."""
    drawn = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind)), scale=scale
    )
    grey = np.pad(np.asarray(drawn), 8, constant_values=255)
    return np.repeat(grey[..., None], 3, axis=2)


def with_code(
    photo: NDArray[np.uint8], text: str, *, at: tuple[int, int] = (20, 20), scale: int = 3, kind: str = "EAN13"
) -> NDArray[np.uint8]:
    """The photo with a barcode pasted in at `(left, top)` px."""
    code = code_image(text, scale, kind)
    left, top = at
    pasted = photo.copy()
    pasted[top : top + code.shape[0], left : left + code.shape[1]] = code
    return pasted
