from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from shibuya_optics.contract import InputContract


def three(low: float, high: float) -> SearchStrategy[tuple[float, float, float]]:
    number = st.floats(low, high)
    return st.tuples(number, number, number)


CONTRACTS = st.builds(
    lambda size, margin, interpolation, mean, std: InputContract(size, size + margin, interpolation, mean, std),
    st.integers(32, 96),
    st.integers(0, 32),
    st.sampled_from(["bilinear", "bicubic", "lanczos"]),
    three(0, 1),
    three(0.05, 1),
)
SIDES = st.integers(1, 160)
SEEDS = st.integers(0, 2**32 - 1)


@given(contract=CONTRACTS, height=SIDES, width=SIDES, seed=SEEDS)
@settings(max_examples=60)
def test_a_tensor_has_its_shape_and_range(contract: InputContract, height: int, width: int, seed: int) -> None:
    photo = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tensor = contract.tensor([photo])
    assert tensor.shape == (1, 3, contract.size, contract.size)
    assert tensor.dtype == np.float32
    for channel in range(3):
        low, high = ((value - contract.mean[channel]) / contract.std[channel] for value in (0, 1))
        assert low - 1e-4 <= tensor[:, channel].min() <= tensor[:, channel].max() <= high + 1e-4


@given(contract=CONTRACTS, height=SIDES, width=SIDES, seed=SEEDS)
@settings(max_examples=60)
def test_a_mirrored_photo_gives_the_mirrored_square(
    contract: InputContract, height: int, width: int, seed: int
) -> None:
    photo = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    mirrored = contract.square(np.ascontiguousarray(photo[:, ::-1]))
    difference = np.abs(mirrored.astype(int) - contract.square(photo)[:, ::-1])
    # Each of the two passes of the resize may round a level the other way.
    assert difference.max() <= 2
    assert difference.mean() < 0.5


@given(contract=CONTRACTS, height=SIDES, width=SIDES, colour=st.tuples(*[st.integers(0, 255)] * 3))
@settings(max_examples=60)
def test_one_colour_stays_that_colour(
    contract: InputContract, height: int, width: int, colour: tuple[int, int, int]
) -> None:
    photo = np.full((height, width, 3), colour, np.uint8)
    assert np.array_equal(contract.square(photo), np.full((contract.size, contract.size, 3), colour))


@given(contract=CONTRACTS)
def test_it_survives_json(contract: InputContract) -> None:
    assert InputContract.from_json(json.loads(json.dumps(contract.as_json()))) == contract
