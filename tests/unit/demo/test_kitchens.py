from __future__ import annotations

import numpy as np
import pytest

from shibuya_optics.demo.kitchens import SIZE, TABLES, VARIANTS, WALLS, surface


@pytest.mark.parametrize("name", [*TABLES, *WALLS])
def test_a_surface_is_a_full_picture_with_variants(name: str) -> None:
    picture = surface(name, 0)
    assert (picture.mode, picture.size) == ("RGBA", SIZE)
    assert picture.getchannel("A").getextrema() == (255, 255)
    assert np.asarray(picture.convert("L")).std() > 1
    assert surface(name, VARIANTS) is picture
    assert surface(name, 1).tobytes() != picture.tobytes()
