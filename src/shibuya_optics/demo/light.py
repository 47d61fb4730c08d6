"""The light in the room: one lamp or window, and what comes back from walls and ceiling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shibuya_optics.demo.camera import Floats


@dataclass(frozen=True)
class Finish:
    """What a surface does with light.

    Attributes:
        gloss: part of the light that it mirrors when seen straight on, 0 to 1.
        metal: whether it only mirrors, in its own colour.
    """

    gloss: float = 0.03
    metal: bool = False


@dataclass(frozen=True)
class Light:
    """Light on a scene.

    Attributes:
        direction: float32 (3,), unit vector from the pack to the window.
        key: strength of the window's light.
        ambient: strength of the light from all around.
        pane: half the width and height of the window as it is mirrored, as tangents of angles.
    """

    direction: Floats
    key: float
    ambient: float
    pane: tuple[float, float]

    def gain(self, normals: Floats) -> Floats:
        """How brightly surfaces are lit: (..., 3) unit normals to (...) factors on their colour, about 0.2 to 1.3."""
        facing = np.clip((normals @ self.direction + 0.15) / 1.15, 0, None)
        return np.asarray(self.ambient * (0.8 + 0.2 * normals[..., 1]) + self.key * facing, np.float32)

    def mirrored(self, normals: Floats, rays: Floats, finish: Finish) -> Floats:
        """Light that comes from the room by way of a glossy surface: (...) values to add, 0 to about 1.

        Args:
            normals: float32 (..., 3), unit normals.
            rays: float32 (..., 3), unit vectors from the camera.
            finish: of the surface; more is mirrored at a glancing angle (Schlick 1994).
        """
        facing = np.clip(-np.einsum("...i,...i", normals, rays), 0, 1)
        part = finish.gloss + (0.5 * finish.gloss + 0.02) * (1 - facing) ** 5
        return np.asarray(part * self.room(rays + 2 * facing[..., None] * normals), np.float32)

    def room(self, directions: Floats) -> Floats:
        """How bright the room is in the given directions (..., 3): a grey room with one window in it."""
        right = np.array([self.direction[2], 0, -self.direction[0]], np.float32)
        right /= np.linalg.norm(right)
        up = np.cross(self.direction, right)
        ahead = np.maximum(directions @ self.direction, 1e-3)
        across = np.abs(directions @ right) / ahead
        along = np.abs(directions @ up) / ahead
        inside = _soft(self.pane[0] - across) * _soft(self.pane[1] - along) * (0.35 + 0.65 * _soft(across - 0.04))
        inside *= directions @ self.direction > 0
        grey = 0.35 + 0.25 * directions[..., 1]
        return np.asarray(grey + 4.0 * inside, np.float32)


def _soft(inside: Floats) -> Floats:
    """0 well outside, 1 well inside, with a soft edge."""
    step = np.clip(inside / 0.12 + 0.5, 0, 1)
    return np.asarray(step * step * (3 - 2 * step), np.float32)
