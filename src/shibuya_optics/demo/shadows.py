"""Shadows on the table: the outline of each pack, cast along the light onto the table and softened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shibuya_optics.demo.camera import Camera, Floats, Matrix
from shibuya_optics.demo.packs import Surface

COARSER = 4
LEANS = (0.75, 1.0, 1.3)
DEPTH = 0.2
CONTACT = 0.55
DIRECTIONS = 48


def shadows(packs: Sequence[Sequence[Surface]], camera: Camera, light: Floats) -> Image.Image:
    """What the table keeps of its light, L of the photo's size: 255 where all, less in the shadow of a pack.

    The window is wide, so its shadow is cast from a few places in it; where a pack stands it is darkest.

    Args:
        packs: the surfaces of each pack.
        camera: the view.
        light: float32 (3,), the direction towards the window.
    """
    coarse = camera.finer(1 / COARSER)
    outlines = [np.concatenate([surface.outline() for surface in pack]) for pack in packs]
    kept = Image.new("L", coarse.size, 255)
    for lean in LEANS:
        cast = [_on_table(places, light * np.array([lean, 1, lean])) for places in outlines]
        kept = ImageChops.multiply(kept, _shade(cast, coarse, DEPTH, 0.02))
    kept = ImageChops.multiply(kept, _shade([_foot(places) for places in outlines], coarse, CONTACT, 0.008))
    return kept.resize(camera.size, Image.Resampling.BICUBIC)


def _on_table(places: Matrix, direction: Matrix) -> Matrix:
    return np.asarray(places - (places[:, 1:2] / direction[1]) * direction)


def _foot(places: Matrix) -> Matrix:
    """Where a pack touches the table, a little wider."""
    foot = places[places[:, 1] < places[:, 1].min() + 0.5]
    middle = foot.mean(axis=0)
    return np.asarray(middle + 1.03 * (foot - middle))


def _shade(cast: Iterable[Matrix], camera: Camera, depth: float, softness: float) -> Image.Image:
    """White, with the hulls of places on the table darker by `depth`; edges soft over a part of the photo's height."""
    shade = Image.new("L", camera.size, 255)
    pen = ImageDraw.Draw(shade)
    for places in cast:
        seen = camera.project(places)
        if seen[:, 2].min() > 0:
            pen.polygon([(float(x), float(y)) for x, y in hull(seen[:, :2])], fill=round(255 * (1 - depth)))
    return shade.filter(ImageFilter.GaussianBlur(softness * camera.size[1]))


def hull(points: Matrix) -> Matrix:
    """The convex hull of places in a plane, float64 (n, 2), as its farthest places in `DIRECTIONS` directions, in order."""
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    return np.asarray(points[np.argmax(points @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)])
