"""The camera: from places in the room to places in the photo. The room: x right, y up, z towards us, all in cm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]
Vectors = TypeVar("Vectors", Floats, Matrix)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion.

    Attributes:
        position: float64 (3,), cm.
        axes: float64 (3, 3), rows: right, down and forward as unit vectors of the room.
        focal: focal length, px.
        size: width and height of the photo, px.
    """

    position: Matrix
    axes: Matrix
    focal: float
    size: tuple[int, int]

    def finer(self, factor: float) -> Camera:
        """The same view with `factor` times as many pixels along each side; below 1 it is coarser."""
        width, height = self.size
        return replace(self, focal=self.focal * factor, size=(round(width * factor), round(height * factor)))

    def project(self, points: Matrix) -> Matrix:
        """Places in the photo, float64 (n, 3): x and y in px from the top left corner, and the depth in cm."""
        seen = (points - self.position) @ self.axes.T
        centre = np.array(self.size) / 2
        return np.column_stack([self.focal * seen[:, :2] / seen[:, 2:] + centre, seen[:, 2]])

    def rays(self, left: int, top: int, right: int, bottom: int, steps: int | None = None) -> Floats:
        """Directions, not of unit length, through the pixels of a window: float32 (height, width, 3).

        With `steps` through the cells of an even grid of so many rows and columns: float32 (steps, steps, 3).
        """
        columns = (_middles(left, right, steps) - self.size[0] / 2) / self.focal
        rows = (_middles(top, bottom, steps) - self.size[1] / 2) / self.focal
        across = columns[None, :, None] * self.axes[0]
        down = rows[:, None, None] * self.axes[1]
        return np.asarray(across + down + self.axes[2], np.float32)

    def plane_to_photo(self, origin: Matrix, along_u: Matrix, along_v: Matrix) -> Matrix:
        """The homography (3, 3) from (u, v) on the plane `origin + u * along_u + v * along_v` to px in the photo."""
        width, height = self.size
        inside = np.array([[self.focal, 0, width / 2], [0, self.focal, height / 2], [0, 0, 1]])
        return inside @ self.axes @ np.column_stack([along_u, along_v, origin - self.position])


def aimed(position: Matrix, target: Matrix, roll: float, focal: float, size: tuple[int, int]) -> Camera:
    """A camera at `position` that looks at `target`, turned by `roll` radians about its line of sight."""
    forward = unit(target - position)
    level = unit(np.cross(forward, (0.0, 1.0, 0.0)))
    down = np.cross(forward, level)
    right = np.cos(roll) * level + np.sin(roll) * down
    return Camera(position, np.stack([right, np.cross(forward, right), forward]), focal, size)


def _middles(start: int, end: int, steps: int | None) -> Matrix:
    count = steps or end - start
    return start + (np.arange(count) + 0.5) * (end - start) / count


def unit(vectors: Vectors) -> Vectors:
    """Vectors (..., 3) made one long."""
    return cast("Vectors", vectors / np.sqrt(np.einsum("...i,...i", vectors, vectors))[..., None])
