"""Photos that are already pixels in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import NotAPhotoError
from shibuya_optics.photo.limits import Pixels, check_pixels
from shibuya_optics.photo.pillow import rgb


def photo_array(array: NDArray[np.generic], name: str) -> Pixels:
    """An array `uint8`, RGB or RGBA `(height, width, 3 or 4)` or grey `(height, width)`, as a photo; RGB is not copied.

    Raises:
        NotAPhotoError: it has another dtype or shape.
        EmptyPhotoError, TooManyPixelsError
    """
    array = np.asarray(array)
    shape = array.shape
    if array.dtype != np.uint8 or not (array.ndim == 2 or (array.ndim == 3 and shape[2] in {1, 3, 4})):
        raise NotAPhotoError(
            f"{name} is {array.dtype} {shape}: give uint8 (height, width, 3), RGB, 0 to 255, upright, "
            f"or grey (height, width), or RGBA (height, width, 4){_advice(array)}."
        )
    pixels: Pixels = array.astype(np.uint8, copy=False)
    check_pixels(name, shape[1], shape[0])
    if pixels.ndim == 2 or shape[2] == 1:
        return np.repeat(pixels.reshape(*shape[:2], 1), 3, axis=2)
    if shape[2] == 4:
        return rgb(Image.fromarray(np.ascontiguousarray(pixels)), name)
    return np.ascontiguousarray(pixels)


def _advice(array: NDArray[np.generic]) -> str:
    if np.issubdtype(array.dtype, np.floating):
        return "; for values of 0 to 1, (array * 255).round().astype('uint8')"
    if array.dtype == np.uint16:
        return "; (array >> 8).astype('uint8')"
    if array.ndim == 3 and array.shape[0] in {1, 3, 4}:
        return "; array.transpose(1, 2, 0) puts the channels last"
    return ""
