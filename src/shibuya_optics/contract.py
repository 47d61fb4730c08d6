"""The input contract: the only code that turns a photo into what a network takes, for train, evaluate and serve.

It is stored with the weights, so that no one can feed a network other than as it was taught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.errors import ContractError

Pixels = NDArray[np.uint8]
Tensor = NDArray[np.float32]
Interpolation = Literal["bilinear", "bicubic", "lanczos"]
_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True)
class InputContract:
    """How an upright RGB photo becomes a tensor.

    The short side is resized to `resize` px (antialiased), the middle square of `size` px is cut out, and each channel
    becomes `(value / 255 - mean) / std`.

    Attributes:
        size: side of the square that the network sees, px.
        resize: what the photo's short side is resized to, px; at least `size`.
        interpolation: filter of the resize.
        mean, std: per channel, in colour order, for values scaled to 0-1.
        colour_order, layout: always `RGB` and `NCHW`; stored so that a reader need not guess.

    Raises:
        ContractError: a value is out of range.
    """

    size: int = 224
    resize: int = 256
    interpolation: Interpolation = "bicubic"
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    colour_order: Literal["RGB"] = "RGB"
    layout: Literal["NCHW"] = "NCHW"

    def __post_init__(self) -> None:
        if not isinstance(self.size, int) or not isinstance(self.resize, int) or not 32 <= self.size <= self.resize:
            raise ContractError(f"size {self.size} px: give 32 or more, and at most resize ({self.resize} px).")
        if self.interpolation not in _RESAMPLING:
            raise ContractError(f"interpolation {self.interpolation!r}: give one of {', '.join(_RESAMPLING)}.")
        numbers = (*self.mean, *self.std)
        if len(self.mean) != 3 or len(self.std) != 3 or not all(map(isfinite, numbers)) or min(self.std) <= 0:
            raise ContractError(f"mean {self.mean} and std {self.std}: give three numbers each, std above 0.")
        if self.colour_order != "RGB" or self.layout != "NCHW":
            raise ContractError(f"colour order {self.colour_order!r}, layout {self.layout!r}: only RGB and NCHW.")

    def square(self, photo: Pixels) -> Pixels:
        """The part of a photo that the network sees: `uint8 (height, width, 3)` to `uint8 (size, size, 3)`, RGB.

        Raises:
            ContractError: the array is not a photo.
        """
        check_photo(photo)
        height, width = photo.shape[:2]
        left, top, side = self.frame(height, width)
        if min(height, width) == self.resize and left.is_integer() and top.is_integer():
            return photo[int(top) : int(top) + self.size, int(left) : int(left) + self.size]
        resized = Image.fromarray(photo).resize(
            (self.size, self.size), _RESAMPLING[self.interpolation], box=(left, top, left + side, top + side)
        )
        return np.asarray(resized)

    def frame(self, height: int, width: int) -> tuple[float, float, float]:
        """Where `square` lies on a photo of this height and width: left, top, and side, all px and not rounded."""
        side = min(height, width) * self.size / self.resize  # in this order, never more than the short side by rounding
        return (width - side) / 2, (height - side) / 2, side

    def normalise(self, squares: Pixels) -> Tensor:
        """Squares `uint8 (batch, size, size, 3)` to what the network takes, `float32 (batch, 3, size, size)`."""
        scale = np.float32(1) / (np.float32(255) * np.asarray(self.std, np.float32))
        shift = -np.asarray(self.mean, np.float32) / np.asarray(self.std, np.float32)
        planes = np.empty((squares.shape[0], 3, *squares.shape[1:3]), np.float32)
        for channel in range(3):
            np.multiply(squares[..., channel], scale[channel], out=planes[:, channel])
            planes[:, channel] += shift[channel]
        return planes

    def tensor(self, photos: Sequence[Pixels]) -> Tensor:
        """Photos, each `uint8 (height, width, 3)` RGB upright, to `float32 (batch, 3, size, size)`.

        Raises:
            ContractError: there are none, or one is not a photo.
        """
        if not photos:
            raise ContractError("no photos: give at least one.")
        return self.normalise(np.stack([self.square(photo) for photo in photos]))

    def as_json(self) -> dict[str, Any]:
        """The contract as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> InputContract:
        """The contract that `as_json` gave.

        Raises:
            ContractError: a field is missing, is not known here (the rule may have changed), or is out of range.
        """
        known = {field.name for field in fields(cls)}
        if set(stored) != known:
            odd = sorted(set(stored) ^ known)
            raise ContractError(f"an input contract has the fields {sorted(known)}: {odd} are missing or not known.")
        values: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in stored.items()}
        try:
            return cls(**values)
        except TypeError as error:
            raise ContractError(f"an input contract holds a value of the wrong type: {error}.") from error


def check_photo(photo: Pixels) -> None:
    """Refuse what is no photo: an array other than `uint8 (height, width, 3)` with both sides above 0.

    Raises:
        ContractError: it is something else; the message says what.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or min(photo.shape) < 1:
        raise ContractError(
            f"an array of {photo.dtype} {photo.shape} is no photo: give uint8 (height, width, 3), RGB, upright."
        )
