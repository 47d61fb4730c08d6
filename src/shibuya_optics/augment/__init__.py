"""One photo, many looks: random views that train a network to see past framing and light."""

from shibuya_optics.augment.mixing import mix_up
from shibuya_optics.augment.views import ViewOptions, random_view

__all__ = ["ViewOptions", "mix_up", "random_view"]
