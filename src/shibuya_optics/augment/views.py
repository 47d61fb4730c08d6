"""Random views of one photo, on OpenCV and NumPy. No mirror by default: the words on a pack must stay readable."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from shibuya_optics.augment.geometry import frame
from shibuya_optics.augment.light import relight
from shibuya_optics.augment.occlusion import hide
from shibuya_optics.augment.options import ViewOptions
from shibuya_optics.augment.scenes import random_scene
from shibuya_optics.augment.sensor import expose
from shibuya_optics.augment.studio import Studio
from shibuya_optics.contract import Pixels


def random_view(
    photo: Pixels | Studio,
    size: int,
    options: ViewOptions,
    rng: Generator,
    around: Sequence[Pixels | Studio] = (),
) -> Pixels:
    """A random view of a photo; same `rng` state, same view, in whatever process.

    In the order of the world: the scene and where the camera stands, the light, what is in the way, the camera.

    Args:
        photo: RGB `uint8 (height, width, 3)`; or what `Studio.of` made of it once, which saves cutting it out again.
        size: the side of the view, px.
        options: the ranges.
        rng: where every draw comes from.
        around: what may stand around the product in rendered scenes: photos as backdrops, studios as neighbours.

    Returns:
        RGB `uint8 (size, size, 3)`.
    """
    view = relight(_composed(photo, size, options, rng, around), options, rng)
    hide(view, options, rng)
    return expose(view, options, rng)


def _composed(
    photo: Pixels | Studio, size: int, options: ViewOptions, rng: Generator, around: Sequence[Pixels | Studio]
) -> Pixels:
    """A rendered scene, by chance and where the product can be cut out; else a cut of the photo."""
    if options.background and rng.random() < options.background:
        studio = photo if isinstance(photo, Studio) else Studio.of(photo)
        if studio.cut:
            return random_scene(studio.cut, size, options, rng, around)
    return frame(photo.photo if isinstance(photo, Studio) else photo, size, options, rng)
