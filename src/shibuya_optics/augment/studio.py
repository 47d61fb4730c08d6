"""A photo prepared for scenes: its product cut out, in several sizes, ready to be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.augment.cutting import SMALLEST, Mask, cut_out, is_boxy
from shibuya_optics.contract import Pixels

Matrix = NDArray[np.float64]
# The corners of a product of one by one around the origin, as `CutOut.drawn` wants them.
SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
# Room around the product, as a share of its longer side, for the shadow that it casts on what lies close behind it.
MARGIN = 0.12
SHADOW_DEPTH = 0.75


@dataclass(frozen=True, eq=False)
class Sprite:
    """A product drawn in one size and turn, to be laid into scenes again and again.

    Attributes:
        colours: its colours multiplied by its coverage, `uint8 (height, width, 3)`.
        light: the share of light that it leaves to what lies behind it, 255 = all, `uint8 (height, width, 3)`.
        left, top: of the drawing, from the point that is laid to a place, px.
    """

    colours: Pixels
    light: Pixels
    left: int
    top: int

    def lay(self, scene: Pixels, place: tuple[int, int], gain: float = 1.0) -> None:
        """Set it into a scene `uint8 (height, width, 3)`, in place.

        Args:
            scene: what stands behind it.
            place: x and y in the scene, px; the sprite may reach beyond the scene.
            gain: what its light is multiplied by.
        """
        left, top = place[0] + self.left, place[1] + self.top
        x, y = max(left, 0), max(top, 0)
        right, bottom = (
            min(left + self.colours.shape[1], scene.shape[1]),
            min(top + self.colours.shape[0], scene.shape[0]),
        )
        if right <= x or bottom <= y:
            return
        part = np.s_[y - top : bottom - top, x - left : right - left]
        dimmed = cv2.multiply(scene[y:bottom, x:right], self.light[part], scale=1 / 255)
        scene[y:bottom, x:right] = cv2.addWeighted(self.colours[part], gain, dimmed, 1, 0)


@dataclass(frozen=True, eq=False)
class CutOut:
    """A product without its background.

    Attributes:
        layers: colours multiplied by coverage, and the light left to what lies behind, 255 = all: `uint8 (height, width, 4)`,
            at full size and halved again and again; the product lies in the middle, with room around it.
        width, height: of the product itself at full size, px.
        boxy: whether it has the outline of a pack, and so stands upright rather than lies in a pile.
    """

    layers: tuple[Pixels, ...]
    width: int
    height: int
    boxy: bool

    @property
    def longest(self) -> int:
        """The longer side of the product, px."""
        return max(self.width, self.height)

    @classmethod
    def of(cls, photo: Pixels, mask: Mask) -> CutOut:
        """What a mask `uint8 (height, width)` leaves of a photo `uint8 (height, width, 3)`; the mask is not all 0."""
        left, top, width, height = cv2.boundingRect(mask)
        part = np.s_[top : top + height, left : left + width]
        coverage = np.ascontiguousarray(mask[part])
        colours = cv2.multiply(photo[part], cv2.merge([coverage] * 3), scale=1 / 255)
        room = round(MARGIN * max(width, height)) + 2
        layer = cv2.copyMakeBorder(np.dstack([colours, coverage]), room, room, room, room, cv2.BORDER_CONSTANT)
        shadow = cv2.GaussianBlur(layer[:, :, 3], (0, 0), room / 2.5).astype(np.float32) / 255
        layer[:, :, 3] = (255 - layer[:, :, 3]) * (1 - SHADOW_DEPTH * shadow)
        layers: list[Pixels] = [np.asarray(layer, np.uint8)]
        while min(layers[-1].shape[:2]) >= 2 * SMALLEST:
            half = (layers[-1].shape[1] // 2, layers[-1].shape[0] // 2)
            layers.append(np.asarray(cv2.resize(layers[-1], half, interpolation=cv2.INTER_AREA), np.uint8))
        outline = np.where(coverage > 127, 255, 0).astype(np.uint8)
        return cls(tuple(layers), width, height, is_boxy(outline))

    def drawn(self, corners: Matrix) -> Sprite:
        """The product with its contact shadow, by one perspective warp from the layer that is just fine enough.

        Args:
            corners: x and y, px, `(4, 2)`, around the point that will be laid to a place: where the product's upper left,
                upper right, lower right and lower left come to lie.
        """
        layer = self.layers[self._level(corners)]
        share = layer.shape[0] / self.layers[0].shape[0]
        room_x, room_y = (layer.shape[1] - self.width * share) / 2, (layer.shape[0] - self.height * share) / 2
        far_x, far_y = layer.shape[1] - room_x, layer.shape[0] - room_y
        own = np.array([[room_x, room_y], [far_x, room_y], [far_x, far_y], [room_x, far_y]], np.float32)
        matrix = np.asarray(cv2.getPerspectiveTransform(own - 0.5, corners.astype(np.float32) - 0.5), np.float64)
        left, top, right, bottom = _box(matrix, layer.shape[1], layer.shape[0])
        moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ matrix
        laid = cv2.warpPerspective(layer, moved, (right - left, bottom - top), borderValue=(0, 0, 0, 255))
        light = cv2.cvtColor(cv2.extractChannel(laid, 3), cv2.COLOR_GRAY2RGB)
        colours = cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB)
        return Sprite(np.asarray(colours, np.uint8), np.asarray(light, np.uint8), left, top)

    def paste(self, scene: Pixels, corners: Matrix, gain: float = 1.0) -> None:
        """Draw the product once and lay it into a scene, in place; `corners` are places in the scene, px."""
        self.drawn(corners).lay(scene, (0, 0), gain)

    def _level(self, corners: Matrix) -> int:
        """Which layer is at most about as fine as a drawing between these corners."""
        wide = (math.dist(corners[0], corners[1]) + math.dist(corners[3], corners[2])) / 2
        high = (math.dist(corners[0], corners[3]) + math.dist(corners[1], corners[2])) / 2
        finer = max(1.0, min(self.width / max(wide, 1), self.height / max(high, 1)))
        return min(int(math.log2(finer) + 0.25), len(self.layers) - 1)


def turned(points: Matrix, angle: float) -> Matrix:
    """Points `(n, 2)` turned around the origin, clockwise as pictures show it, radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float64)


def _box(matrix: Matrix, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what a picture of a width and height fills once it is warped, px."""
    ends = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    outline = cv2.perspectiveTransform(ends, matrix)[0]
    (left, top), (right, bottom) = np.floor(outline.min(axis=0)), np.ceil(outline.max(axis=0))
    return int(left), int(top), int(right) + 1, int(bottom) + 1


@dataclass(frozen=True, eq=False)
class Studio:
    """A photo and, where its background is plain, the product cut out of it; made once, used for many views."""

    photo: Pixels
    cut: CutOut | None

    @classmethod
    def of(cls, photo: Pixels) -> Studio:
        """Cut the product out of a photo `uint8 (height, width, 3)`, if that can be done."""
        mask = cut_out(photo)
        return cls(photo, None if mask is None else CutOut.of(photo, mask))
