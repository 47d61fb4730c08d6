"""One photo, many looks: random views that train a network to see past framing and light."""

from shibuya_optics.augment.cutting import cut_out
from shibuya_optics.augment.mixing import cut_mix, mix_up
from shibuya_optics.augment.options import ViewOptions
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
