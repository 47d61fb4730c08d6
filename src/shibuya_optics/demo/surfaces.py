"""Surfaces of packs and rooms, and how each is painted into a photo: flat panels, and round shells about an axis."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from shibuya_optics.demo.camera import Camera, Floats, Matrix, unit
from shibuya_optics.demo.light import Finish, Light

SHADING_STEPS = 12
NEVER_MET = 1e-6
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Window = tuple[int, int, int, int]


@dataclass(frozen=True)
class Panel:
    """A flat rectangle (or parallelogram) in the room, with a picture on it.

    Attributes:
        origin: float64 (3,), the picture's top left corner, cm.
        along_u, along_v: float64 (3,), from there to the top right and to the bottom left corner, cm.
        picture: RGB or RGBA.
        finish: what it does with light.
    """

    origin: Matrix
    along_u: Matrix
    along_v: Matrix
    picture: Image.Image
    finish: Finish = field(default_factory=Finish)

    def outline(self) -> Matrix:
        """The corners, float64 (4, 3)."""
        far = self.origin + self.along_u
        return np.stack([self.origin, far, far + self.along_v, self.origin + self.along_v])

    def paint(self, camera: Camera, light: Light, onto: Image.Image) -> None:
        """Paint the panel over the RGBA photo `onto`; from behind it is not seen."""
        normal = np.cross(self.along_v, self.along_u)
        if normal @ (camera.position - self.origin) <= 0:
            return
        corners = camera.project(self.outline())
        reaches_behind = bool(corners[:, 2].min() <= 0)
        window = (0, 0, *onto.size) if reaches_behind else _window(corners, onto.size)
        if window is None:
            return
        left, top, right, bottom = window
        picture = self.picture if reaches_behind else _reduced(self.picture, self.picture.width / _across(corners))
        homography = camera.plane_to_photo(self.origin, self.along_u, self.along_v)
        back = (
            np.diag([*picture.size, 1]) @ np.linalg.inv(homography) @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]])
        )
        numbers = tuple(float(number) for number in (back / back[2, 2]).flat)[:8]
        size = (right - left, bottom - top)
        seen = picture.convert("RGBA").transform(size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR)
        alpha = seen.getchannel("A")
        lit = self._lit(np.asarray(seen)[..., :3], camera.rays(*window, steps=SHADING_STEPS), camera, light)
        lit.putalpha(ImageChops.multiply(alpha, _in_front(back[2], size)) if reaches_behind else alpha)
        onto.alpha_composite(lit, (left, top))

    def _lit(self, colours: Bytes, rays: Floats, camera: Camera, light: Light) -> Image.Image:
        """Colours under the light, RGB: shading is smooth, so it is computed for a coarse grid of rays."""
        normal = unit(np.cross(self.along_v, self.along_u)).astype(np.float32)
        slant = rays @ normal
        distance = (normal @ (self.origin - camera.position)) / np.where(np.abs(slant) < NEVER_MET, NEVER_MET, slant)
        height = camera.position[1] + distance * rays[..., 1]
        rays = unit(rays)
        normals = np.broadcast_to(normal, rays.shape)
        size = (colours.shape[1], colours.shape[0])
        gain = _spread(light.gain(normals) * _near_table(height, normals), size)
        return Image.fromarray(_developed(colours, gain, _spread(light.mirrored(normals, rays, self.finish), size)))


@dataclass(frozen=True)
class Shell:
    """A round wall about a vertical axis: a cylinder, or a cone cut off at both ends.

    Attributes:
        foot: float64 (3,), where the axis meets the table, cm.
        bottom, top: height of its lower and upper edge above the table, cm.
        bottom_radius, top_radius: cm.
        turn: radians; where the middle of the picture points, 0 is towards us.
        picture: RGB, goes once round.
        finish: what it does with light.
    """

    foot: Matrix
    bottom: float
    top: float
    bottom_radius: float
    top_radius: float
    turn: float
    picture: Image.Image
    finish: Finish = field(default_factory=Finish)

    def outline(self) -> Matrix:
        """Places round both edges, float64 (48, 3)."""
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ring = np.stack([np.cos(angles), np.zeros(24), np.sin(angles)], axis=1)
        low = self.foot + self.bottom_radius * ring + (0, self.bottom, 0)
        return np.concatenate([low, self.foot + self.top_radius * ring + (0, self.top, 0)])

    def paint(self, camera: Camera, light: Light, onto: Image.Image) -> None:
        """Paint the outside of the shell over the RGBA photo `onto`."""
        window = _window(camera.project(self.outline()), onto.size)
        if window is None:
            return
        rays = camera.rays(*window)
        distance, met = self._met(camera.position - self.foot, rays)
        rays = rays[met]
        places = distance[met][:, None] * rays + (camera.position - self.foot).astype(np.float32)
        normals = self._normals(places)
        rays = unit(rays)
        colours = self._colours(places, camera)
        if self.finish.metal:
            facing = np.einsum("...i,...i", normals, rays)[..., None]
            gain = 0.25 + 0.8 * light.room(rays - 2 * facing * normals)
        else:
            gain = light.gain(normals)
        gain = gain * _near_table(places[:, 1], normals)
        seen = np.zeros((*met.shape, 4), np.uint8)
        seen[met, :3] = _developed(colours, gain, light.mirrored(normals, rays, self.finish))
        seen[met, 3] = 255
        onto.alpha_composite(Image.fromarray(seen), window[:2])

    def _met(self, start: Matrix, rays: Floats) -> tuple[Floats, Flags]:
        """Distances along the rays to the near side of the shell, and which rays meet it at all."""
        slope = self._slope()
        start = start.astype(np.float32)
        radius = np.float32(self.bottom_radius) + slope * (start[1] - np.float32(self.bottom))
        x, y, z = rays[..., 0], rays[..., 1], rays[..., 2]
        a = x * x + z * z - slope * slope * y * y
        b = start[0] * x + start[2] * z - slope * radius * y
        inside = b * b - a * (start[0] ** 2 + start[2] ** 2 - radius**2)
        distance = (-b - np.sqrt(np.maximum(inside, 0))) / a
        height = start[1] + distance * y
        return distance, (inside > 0) & (height >= self.bottom) & (height <= self.top)

    def _normals(self, places: Floats) -> Floats:
        slope = self._slope()
        away = np.hypot(places[:, 0], places[:, 2])
        normals = np.stack([places[:, 0], -slope * away, places[:, 2]], axis=1)
        return np.asarray(normals / (away * np.sqrt(1 + slope * slope))[:, None])

    def _slope(self) -> np.float32:
        """How much wider the shell gets with each cm of height."""
        return np.float32((self.top_radius - self.bottom_radius) / (self.top - self.bottom))

    def _colours(self, places: Floats, camera: Camera) -> Bytes:
        away = float(np.linalg.norm(camera.position - self.foot))
        around = 2 * np.pi * max(self.bottom_radius, self.top_radius) * camera.focal / away
        picture = np.asarray(_reduced(self.picture, self.picture.width / around))
        height, width = picture.shape[:2]
        turned = (np.arctan2(places[:, 0], places[:, 2]) - np.float32(self.turn)) / np.float32(2 * np.pi) + 0.5
        down = (self.top - places[:, 1]) / (self.top - self.bottom)
        return _sampled(picture, turned % 1 * width, down * height)


def _window(corners: Matrix, size: tuple[int, int]) -> Window | None:
    """The pixels that may show something with these corners (x, y, depth); None for what lies outside the photo."""
    left, top = np.floor(corners[:, :2].min(axis=0)).astype(int)
    right, bottom = np.ceil(corners[:, :2].max(axis=0)).astype(int)
    window = (max(int(left), 0), max(int(top), 0), min(int(right), size[0]), min(int(bottom), size[1]))
    return window if window[0] < window[2] and window[1] < window[3] and corners[:, 2].min() > 0 else None


def _across(corners: Matrix) -> float:
    """How long the upper and lower edge of a panel are in the photo on average, px."""
    edges = corners[[1, 2], :2] - corners[[0, 3], :2]
    return max(float(np.linalg.norm(edges, axis=1).mean()), 1.0)


def _in_front(nearness: Matrix, size: tuple[int, int]) -> Image.Image:
    """Where a plane is before the camera, L: what lies behind it would be seen upside down above the horizon.

    `nearness` (3,) gives one over the depth, as a linear function of x, y and 1.
    """
    x, y = np.arange(size[0]) + 0.5, np.arange(size[1])[:, None] + 0.5
    return Image.fromarray(np.where(nearness[0] * x + nearness[1] * y + nearness[2] > 0, 255, 0).astype(np.uint8))


def _reduced(picture: Image.Image, factor: float) -> Image.Image:
    """The picture with about one pixel for each of the photo's, so that fine print does not flicker."""
    return picture.reduce(int(factor)) if factor >= 2 else picture


def _sampled(picture: Bytes, x: Floats, y: Floats) -> Bytes:
    """The pixels at places in a picture, uint8 (n, 3): round in x, held at the edges in y."""
    height, width = picture.shape[:2]
    rows = np.clip(y, 0, height - 1).astype(np.int32)
    return np.asarray(picture.reshape(-1, 3)[rows * width + x.astype(np.int32) % width])


def _near_table(height: Floats | Matrix, normals: Floats) -> Floats:
    """Less light reaches a wall close to the table: a factor 0.7 to 1 for heights in cm; the table itself has it all."""
    upright = 1 - np.maximum(normals[..., 1], 0)
    return np.asarray(1 - 0.3 * upright * np.exp(-np.maximum(height, 0) / 1.2), np.float32)


def _spread(grid: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(Image.fromarray(grid.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))


def _developed(colours: Bytes, gain: Floats, sheen: Floats) -> Bytes:
    """Colours uint8 (..., 3) under a light: factors and additions apply to light, the square of a stored value."""
    linear = np.square(colours * np.float32(1 / 255)) * gain[..., None] + sheen[..., None]
    return np.asarray(np.sqrt(np.clip(linear, 0, 1)) * 255 + 0.5, np.uint8)
