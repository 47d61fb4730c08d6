"""The ranges of the random views, as a recipe's `[views]` gives them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

from shibuya_optics.errors import ViewsError

Range = tuple[float, float]
# Lowest and highest value that an option, or either end of a range, may have; what is not listed is a share or chance, 0-1.
LIMITS: dict[str, Range] = {
    "area": (0.01, 1.0),
    "aspect": (1.0, 4.0),
    "rotation": (0.0, 180.0),
    "perspective": (0.0, 0.4),
    "mirror": (0.0, 1.0),
    "gamma": (1.0, 3.0),
    "blur_radius": (0.1, 10.0),
    "motion_length": (2.0, 31.0),
    "noise_level": (0.0, 64.0),
    "jpeg_quality": (1.0, 100.0),
    "erase_area": (0.001, 0.9),
    "copies": (1.0, 200.0),
    "tilt": (0.0, 180.0),
}


@dataclass(frozen=True)
class ViewOptions:
    """Ranges of the random views; a width of 0, a gamma of 1 or a chance of 0 switches a part off.

    Attributes:
        area: smallest and largest share of the photo's middle square that the view shows, 0-1.
        aspect: the view's width over height in the photo lies between 1 / aspect and aspect.
        rotation: largest turn either way, degrees.
        perspective: largest shift of each corner of the cut, as a share of the cut's sides, 0-0.4.
        mirror: chance of a mirrored view, 0-1; 0 by default, because mirrored print is no print.
        brightness, contrast, saturation: largest relative change either way, 0-1.
        cast: largest relative change of one colour channel against the others, 0-1.
        gamma: the exponent of the tone curve lies between 1 / gamma and gamma.
        shadow: chance that a soft-edged shadow falls across the view, 0-1.
        shadow_depth: share of the light that the shadow takes, 0-1.
        glare: chance of a soft bright reflection, as on a glossy pack, 0-1.
        glare_strength: light that the reflection adds at its middle, as a share of white, 0-1.
        erase: chance that a grey rectangle hides a part of the view, 0-1.
        erase_area: the share of the view that it hides, 0-1.
        blur: chance of a Gaussian blur, as of a lens out of focus, 0-1.
        blur_radius: its standard deviation, px of the view.
        motion: chance of a blur along a line, as of a moved hand, 0-1.
        motion_length: the length of that line, px of the view.
        noise: chance of sensor noise, 0-1.
        noise_level: its standard deviation, grey levels of 255.
        jpeg: chance that the view is compressed once more, 0-1.
        jpeg_quality: libjpeg's quality, 1-100.
        background: chance that a studio picture's product is cut out and set into a rendered scene, 0-1. Photos that
            have no plain background are left as they are.
        copies: fewest and most copies of the product in such a scene.
        tilt: largest turn either way of a product that stands upright, in such a scene, degrees.
    """

    area: Range = (0.35, 1.0)
    aspect: float = 1.25
    rotation: float = 15.0
    perspective: float = 0.0
    mirror: float = 0.0
    brightness: float = 0.25
    contrast: float = 0.25
    saturation: float = 0.3
    cast: float = 0.06
    gamma: float = 1.0
    shadow: float = 0.0
    shadow_depth: Range = (0.15, 0.6)
    glare: float = 0.0
    glare_strength: Range = (0.2, 0.8)
    erase: float = 0.2
    erase_area: Range = (0.02, 0.2)
    blur: float = 0.15
    blur_radius: Range = (0.3, 1.5)
    motion: float = 0.0
    motion_length: Range = (3.0, 9.0)
    noise: float = 0.0
    noise_level: Range = (2.0, 12.0)
    jpeg: float = 0.0
    jpeg_quality: tuple[int, int] = (30, 90)
    background: float = 0.0
    copies: tuple[int, int] = (1, 30)
    tilt: float = 30.0

    def __post_init__(self) -> None:
        """Check every option.

        Raises:
            ViewsError: an option is no number, no pair of numbers where a range is due, or out of its limits.
        """
        for field in fields(self):
            _check(field.name, getattr(self, field.name), ranged=isinstance(field.default, tuple))


def _check(name: str, value: Any, *, ranged: bool) -> None:
    low, high = LIMITS.get(name, (0.0, 1.0))
    if not ranged:
        if not _is_number(value) or not low <= value <= high:
            raise ViewsError(f"views: {name} is a number from {low:g} to {high:g}; received {value!r}.")
        return
    pair = isinstance(value, tuple | list) and len(value) == 2 and all(_is_number(end) for end in value)
    if not pair or not low <= value[0] <= value[1] <= high:
        raise ViewsError(
            f"views: {name} is a range, two numbers from {low:g} to {high:g}, smaller first; received {value!r}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


# No view at all: the photo's middle square, whole and as it is.
OFF = ViewOptions(
    area=(1.0, 1.0),
    aspect=1.0,
    rotation=0.0,
    brightness=0.0,
    contrast=0.0,
    saturation=0.0,
    cast=0.0,
    erase=0.0,
    blur=0.0,
)
