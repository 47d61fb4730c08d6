"""One photo, many looks: random views that train a network to see past framing and light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shibuya_optics.augment.options import ViewOptions

if TYPE_CHECKING:
    from shibuya_optics.augment.cutting import cut_out
    from shibuya_optics.augment.mixing import cut_mix, mix_up
    from shibuya_optics.augment.scenes import random_scene
    from shibuya_optics.augment.sheet import contact_sheet
    from shibuya_optics.augment.studio import CutOut, Studio
    from shibuya_optics.augment.views import random_view

__all__ = [
    "CutOut",
    "Studio",
    "ViewOptions",
    "contact_sheet",
    "cut_mix",
    "cut_out",
    "mix_up",
    "random_scene",
    "random_view",
]
_HOMES = {
    "CutOut": "studio",
    "Studio": "studio",
    "contact_sheet": "sheet",
    "cut_mix": "mixing",
    "cut_out": "cutting",
    "mix_up": "mixing",
    "random_scene": "scenes",
    "random_view": "views",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: a recipe that trains no views needs the options, and no OpenCV."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
