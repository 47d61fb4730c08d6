from __future__ import annotations

import numpy as np
import pytest
from tiny_bundle import DECISION, tiny_bundle, vector_of

from shibuya_optics.bundle import Decision
from shibuya_optics.errors import InputError
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.mahalanobis import differences
from shibuya_optics.recognise.known.scores import CHOSEN, SCORES, Impression, known_score

RED, YELLOW = vector_of((240, 20, 15)), vector_of((250, 250, 10))
DIFFERENCES = differences(Catalogue.of(tiny_bundle()).shelf[0], Catalogue.of(tiny_bundle()).shelf[1])


def impression(decision: Decision = DECISION) -> Impression:
    return Impression(Catalogue.of(tiny_bundle()), decision, np.stack([RED, YELLOW]), DIFFERENCES)


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_score_is_higher_for_what_is_known(name: str) -> None:
    known, stranger = known_score(name, impression())
    assert np.isfinite([known, stranger]).all()
    if name not in {
        "kind-entropy.v1",
        "relative-mahalanobis.v1",
    }:  # both crowd at one end where colours are so far apart
        assert known > stranger


def test_names_carry_a_version_and_a_miss_lists_what_exists() -> None:
    assert all(name.rpartition(".v")[2].isdecimal() for name in SCORES)
    with pytest.raises(InputError, match=r"no score 'energy': did you mean 'energy.v1'.*typical-kind.v1"):
        known_score("energy", impression())
    empty = Impression(Catalogue.of(tiny_bundle()).emptied(), DECISION, RED[None], DIFFERENCES)
    with pytest.raises(InputError, match="no product is known by its look"):
        known_score(CHOSEN, empty)


def test_mahalanobis_is_that_of_the_textbook() -> None:
    seen = impression()
    rows, products, _ = seen.catalogue.shelf
    means = np.stack([rows[products == p].mean(axis=0) for p in range(4)]).astype(np.float64)
    spread = np.zeros((48, 48))
    for row, product in zip(rows, products, strict=True):
        spread += np.outer(row - means[product], row - means[product]) / len(rows)
    spread = 0.9 * spread + 0.1 * max(np.trace(spread) / 48, 1e-9) * np.eye(48)
    inverse = np.linalg.inv(spread)
    slowly = [min((v - m) @ inverse @ (v - m) for m in means) for v in seen.vectors.astype(np.float64)]
    np.testing.assert_allclose(-known_score("mahalanobis.v1", seen), slowly, rtol=1e-3)


def test_the_chosen_score_tightens_for_taught_products() -> None:
    photos = np.stack([vector_of((250, 250, blue)) for blue in (5, 10, 15, 20)])
    taught = Impression(teach(Catalogue.of(tiny_bundle()), "Sun", photos), DECISION, np.stack([YELLOW]), DIFFERENCES)
    plain = Impression(Catalogue.of(tiny_bundle()), DECISION, np.stack([YELLOW]), DIFFERENCES)
    assert known_score(CHOSEN, taught)[0] > 0 > known_score(CHOSEN, plain)[0]
