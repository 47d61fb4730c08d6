"""A photo prepared for scenes: its product cut out, in several sizes, ready to be pasted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shibuya_optics.augment.cutting import Mask, cut_out, is_boxy
from shibuya_optics.contract import Pixels

Matrix = NDArray[np.float64]
# Room around the product, as a share of its longer side, for the shadow that it casts on what lies close behind it.
MARGIN = 0.12
SHADOW_DEPTH = 0.75
SMALLEST = 12


@dataclass(frozen=True, eq=False)
class CutOut:
    """A product without its background.

    Attributes:
        layers: colours multiplied by coverage, and coverage, `uint8 (height, width, 4)`, at full size and halved again
            and again; the product lies in the middle, with room around it.
        shadows: the light that it leaves to what lies behind it, `uint8 (height, width)`, 255 = all; a size each.
        width, height: of the product itself at full size, px.
        boxy: whether it has the outline of a pack, and so stands upright rather than lies in a pile.
    """

    layers: tuple[Pixels, ...]
    shadows: tuple[Mask, ...]
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
        shadow = cv2.GaussianBlur(layer[:, :, 3], (0, 0), room / 2.5)
        layers: list[Pixels] = [np.asarray(layer, np.uint8)]
        shadows: list[Mask] = [(255 - SHADOW_DEPTH * shadow).astype(np.uint8)]
        while min(layers[-1].shape[:2]) >= 2 * SMALLEST:
            layers.append(_halved(layers[-1]))
            shadows.append(_halved(shadows[-1]))
        outline = np.where(coverage > 127, 255, 0).astype(np.uint8)
        return cls(tuple(layers), tuple(shadows), width, height, is_boxy(outline))

    def paste(self, scene: Pixels, corners: Matrix, gain: float = 1.0) -> None:
        """Set the product into a scene `uint8 (height, width, 3)`, in place, with its contact shadow.

        Args:
            scene: what stands behind it.
            corners: x and y in the scene, px, `(4, 2)`: where the product's upper left, upper right, lower right and
                lower left come to lie; they may reach beyond the scene.
            gain: what its light is multiplied by.
        """
        edges = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
        finer = max(1.0, min(self.width / max(edges[0], edges[2], 1), self.height / max(edges[1], edges[3], 1)))
        level = min(int(np.log2(finer) + 0.25), len(self.layers) - 1)
        layer, shadow = self.layers[level], self.shadows[level]
        matrix, (left, top, right, bottom) = self._placed(layer, corners)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, scene.shape[1]), min(bottom, scene.shape[0])
        if right <= left or bottom <= top:
            return
        shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
        size = (right - left, bottom - top)
        laid = cv2.warpPerspective(layer, shift @ matrix, size)
        light = cv2.warpPerspective(shadow, shift @ matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=255.0)
        colours, coverage = laid[:, :, :3], laid[:, :, 3]
        left_over = cv2.multiply(light, cv2.bitwise_not(coverage), scale=1 / 255)
        behind = scene[top:bottom, left:right]
        dimmed = cv2.multiply(behind, cv2.merge([left_over] * 3), scale=1 / 255)
        scene[top:bottom, left:right] = cv2.addWeighted(colours, gain, dimmed, 1, 0)

    def _placed(self, layer: Pixels, corners: Matrix) -> tuple[Matrix, tuple[int, int, int, int]]:
        """The map from a layer to the scene, and the box that the layer fills there: left, top, right, bottom, px."""
        scale_x, scale_y = layer.shape[1] / self.layers[0].shape[1], layer.shape[0] / self.layers[0].shape[0]
        room_x = (self.layers[0].shape[1] - self.width) / 2 * scale_x
        room_y = (self.layers[0].shape[0] - self.height) / 2 * scale_y
        far_x, far_y = layer.shape[1] - room_x, layer.shape[0] - room_y
        own = np.array([[room_x, room_y], [far_x, room_y], [far_x, far_y], [room_x, far_y]], np.float32)
        matrix = cv2.getPerspectiveTransform(own - 0.5, corners.astype(np.float32) - 0.5)
        wide, high = layer.shape[1], layer.shape[0]
        ends = np.array([[[0, 0], [wide, 0], [wide, high], [0, high]]], np.float64)
        outline = cv2.perspectiveTransform(ends, matrix)[0]
        low, high_end = np.floor(outline.min(axis=0)).astype(int), np.ceil(outline.max(axis=0)).astype(int)
        return np.asarray(matrix, np.float64), (int(low[0]), int(low[1]), int(high_end[0]), int(high_end[1]))


def _halved(picture: Pixels) -> Pixels:
    half = (picture.shape[1] // 2, picture.shape[0] // 2)
    return np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.uint8)


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
