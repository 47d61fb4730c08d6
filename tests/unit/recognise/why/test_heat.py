from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product
from shibuya_optics.recognise.why.heat import heat
from shibuya_optics.senses import Features, Look

GREY = 128
SIDE, CELLS = 256, 8
Doubles = NDArray[np.float64]


def some_features(depth: int = 5, seed: int = 0) -> tuple[Features, Doubles, NDArray[np.float32]]:
    """Features, the centre that they were made with, and a unit prototype."""
    random = np.random.default_rng(seed)
    cells = random.uniform(0, 2, (depth, 3, 4)).astype(np.float32)
    centre, prototype = random.normal(0, 0.2, depth), random.normal(size=depth)
    mean = cells.mean(axis=(1, 2), dtype=np.float64)
    embedding = (mean / np.linalg.norm(mean) - centre).astype(np.float32)
    return Features(cells, embedding), centre, (prototype / np.linalg.norm(prototype)).astype(np.float32)


def score(cells: Doubles, centre: Doubles, prototype: NDArray[np.float32]) -> float:
    mean = cells.mean(axis=(1, 2))
    embedding = mean / np.linalg.norm(mean) - centre
    return float(embedding @ prototype / np.linalg.norm(embedding))


def slow_losses(cells: Doubles, centre: Doubles, prototype: NDArray[np.float32]) -> Doubles:
    """What the score loses when each cell in turn is as if nothing were seen there."""
    losses = np.empty(cells.shape[1:])
    for cell in np.ndindex(losses.shape):
        without = cells.copy()
        without[:, *cell] = 0
        losses[cell] = score(cells, centre, prototype) - score(without, centre, prototype)
    return losses


def slow_gradient(cells: Doubles, centre: Doubles, prototype: NDArray[np.float32]) -> Doubles:
    """The derivative of the score with respect to the mean, as the docstring has it."""
    mean = cells.mean(axis=(1, 2))
    unit = mean / np.linalg.norm(mean)
    embedding = unit - centre
    size = np.linalg.norm(embedding)
    inner = (prototype - (embedding @ prototype) / size * embedding / size) / size
    gradient: Doubles = (np.eye(len(mean)) - np.outer(unit, unit)) @ inner / np.linalg.norm(mean)
    return gradient


def test_the_heat_is_what_the_score_loses_without_each_cell() -> None:
    for seed in range(5):
        features, centre, prototype = some_features(seed=seed)
        found = heat(features, prototype)
        assert found.dtype == np.float32
        slowly = slow_losses(features.cells.astype(np.float64), centre, prototype)
        np.testing.assert_allclose(found, np.maximum(slowly, 0), atol=1e-6)


def test_for_small_cells_it_is_the_gradient_times_the_cell() -> None:
    _, centre, prototype = some_features()
    cells = np.random.default_rng(1).uniform(0, 2, (5, 40, 40))
    mean = cells.mean(axis=(1, 2))
    features = Features(cells.astype(np.float32), (mean / np.linalg.norm(mean) - centre).astype(np.float32))
    first_order = np.tensordot(slow_gradient(cells, centre, prototype), cells, axes=1) / 1600
    assert abs(first_order.sum()) < 1e-6  # the length of the mean does not matter
    np.testing.assert_allclose(heat(features, prototype), np.maximum(first_order, 0), atol=2e-5)
    assert first_order.max() > 4e-4


def test_a_photo_that_the_product_was_taught_from_has_heat() -> None:
    features, _, _ = some_features()
    prototype = features.embedding / np.linalg.norm(features.embedding)
    assert heat(features, prototype).max() > 1e-4


def test_where_nothing_is_seen_or_all_is_alike_there_is_no_heat() -> None:
    features, _, prototype = some_features()
    nothing = Features(np.zeros_like(features.cells), features.embedding)
    assert not heat(nothing, prototype).any()
    one_cell = Features(features.cells[:, :1, :1], features.embedding)
    assert np.isfinite(heat(one_cell, prototype)).all()
    unit = np.ones(5, np.float32) / np.sqrt(5)
    alike = Features(np.ones_like(features.cells), (unit - 0.1).astype(np.float32))
    assert heat(alike, prototype).max() < 1e-7


@pytest.fixture(scope="module")
def look() -> Look:
    bundle = read_bundle(find_bundle(None))
    return Look(bundle.embedder, bundle.contract)


Placed = tuple[Pixels, NDArray[np.float32]]


@pytest.fixture(scope="module", params=[(0, 0), (0, 1), (1, 0), (1, 1)], ids=str)
def corner(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


@pytest.fixture(scope="module")
def place(
    look: Look, pantry: tuple[Product, ...], photograph: Callable[[Product, int], Pixels]
) -> Callable[..., Placed]:
    """Puts a rendered product into a corner of the square that is seen; and gives its vector, where it fills the photo."""

    def placed(corner: tuple[int, int]) -> Placed:
        product = photograph(pantry[0], 1)[:, 40:280]  # (240, 240, 3)
        half = SIDE // 2
        edge = (SIDE * look.contract.resize // look.contract.size - SIDE) // 2
        photo = np.full((SIDE + 2 * edge, SIDE + 2 * edge, 3), GREY, np.uint8)
        top, left = (edge + place * half for place in corner)
        photo[top : top + 120, left : left + 120] = product[::2, ::2]
        return photo, look.vectors([product])[0]

    return placed


def test_the_heat_lies_where_the_product_is(look: Look, place: Callable[..., Placed], corner: tuple[int, int]) -> None:
    photo, prototype = place(corner)
    features = look.features(photo)
    assert features is not None
    found = heat(features, prototype)
    assert found.shape == (CELLS, CELLS)
    quarters = found.reshape(2, CELLS // 2, 2, CELLS // 2).sum(axis=(1, 3)) / found.sum()
    assert quarters[corner] > 0.6


def ranks(values: NDArray[np.float32]) -> Doubles:
    """Ranks; equal values share the mean of theirs."""
    _, place, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Doubles = (ends - (counts - 1) / 2)[place]
    return shared


def drops(look: Look, photo: Pixels, prototype: NDArray[np.float32], patch: int = 64) -> NDArray[np.float32]:
    """What the cosine loses with a grey patch over each cell: the slow twin, after Zeiler and Fergus, 2014."""
    edge = (photo.shape[0] - SIDE) // 2
    step, covered = SIDE // CELLS, []
    for row, column in np.ndindex(CELLS, CELLS):
        top, left = (edge + place * step + step // 2 - patch // 2 for place in (row, column))
        patched = photo.copy()
        patched[max(top, 0) : top + patch, max(left, 0) : left + patch] = GREY
        covered.append(patched)
    whole, hidden = look.vectors([photo])[0] @ prototype, look.vectors(covered) @ prototype
    lost: NDArray[np.float32] = (whole - hidden).reshape(CELLS, CELLS)
    return lost


def test_the_heat_agrees_with_hiding_parts_of_the_photo(look: Look, place: Callable[..., Placed]) -> None:
    photo, prototype = place((0, 1))
    features = look.features(photo)
    assert features is not None
    slow = drops(look, photo, prototype)
    r = float(np.corrcoef(ranks(heat(features, prototype)), ranks(slow))[0, 1])
    assert r > 0.3
