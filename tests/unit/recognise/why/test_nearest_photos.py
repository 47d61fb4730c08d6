from __future__ import annotations

import numpy as np
import pytest
from tiny_bundle import COLOURS, tiny_bundle, vector_of

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.errors import UnknownLabelError
from shibuya_optics.recognise.catalogue import teaching
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.telling import tell
from shibuya_optics.recognise.why.nearest_photos import nearest, nearest_other


def test_the_nearest_are_those_that_a_slow_search_finds() -> None:
    known = Catalogue.of(read_bundle(find_bundle(None)))
    vector = known.prototypes[7]
    label = known.tree.products[7]
    own = known.exemplars[known.exemplar_products == 7].astype(np.float32)
    slowly = sorted(((float(row @ vector / np.linalg.norm(row)), i + 1) for i, row in enumerate(own)), reverse=True)[:3]
    found = nearest(known, vector, label)
    assert [one.number for one in found] == [number for _, number in slowly]
    assert [one.cosine for one in found] == pytest.approx([cosine for cosine, _ in slowly], abs=1e-6)
    assert {one.label for one in found} == {label}


def test_numbers_are_in_the_order_of_teaching() -> None:
    colours = [(250, 250, 10), (250, 200, 10), (200, 250, 60)]
    known = teaching.teach(Catalogue.of(tiny_bundle()), "Lemon", np.array([vector_of(c) for c in colours]))
    for number, colour in enumerate(colours, start=1):
        best = nearest(known, vector_of(colour), "Lemon")[0]
        assert (best.label, best.number) == ("Lemon", number)
        assert best.cosine == pytest.approx(1, abs=1e-3)


def test_a_product_of_fewer_photos_gives_fewer_and_one_without_a_look_none() -> None:
    known = tell(Catalogue.of(tiny_bundle()), "Salt", ["fine salt"], [])
    blue = vector_of(COLOURS["Blue"])
    assert len(nearest(known, blue, "Blue")) == 2
    assert nearest(known, blue, "Salt") == ()
    with pytest.raises(UnknownLabelError):
        nearest(known, blue, "Pepper")


def test_the_strongest_other_is_the_first_that_has_a_look() -> None:
    known = tell(Catalogue.of(tiny_bundle()), "Salt", ["fine salt"], [])
    blue = vector_of(COLOURS["Blue"])
    found = nearest_other(known, blue, "Blue", ["Blue", "Salt", "Dairy/Milk/Green", "Dairy/Butter/Red"])
    assert found is not None
    assert found.label == "Dairy/Milk/Green"
    assert nearest_other(known, blue, "Blue", ["Salt"]) is None
