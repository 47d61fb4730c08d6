from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.contract import InputContract, check_photo
from shibuya_optics.errors import ContractError

Pixels = NDArray[np.uint8]
CONTRACT = InputContract()


@pytest.fixture(scope="module")
def photo() -> Pixels:
    blobs = np.random.default_rng(1).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return np.array(Image.fromarray(blobs).resize((768, 512), Image.Resampling.BICUBIC))


def slow_square(photo: Pixels, contract: InputContract) -> Pixels:
    """Resize the whole photo, then cut the middle: what `square` does in one step."""
    height, width = photo.shape[:2]
    scale = contract.resize / min(height, width)
    resized = Image.fromarray(photo).resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    left, top = ((side - contract.size) // 2 for side in resized.size)
    return np.asarray(resized)[top : top + contract.size, left : left + contract.size]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("contract", [CONTRACT, InputContract(size=64, resize=64), InputContract(size=96, resize=128)])
def test_the_square_is_the_middle_of_the_resized_photo(photo: Pixels, contract: InputContract, turned: bool) -> None:
    seen = np.ascontiguousarray(photo.transpose(1, 0, 2)) if turned else photo
    square = contract.square(seen)
    assert square.shape == (contract.size, contract.size, 3)
    assert square.dtype == np.uint8
    assert np.abs(square.astype(int) - slow_square(seen, contract)).max() <= 1


def test_a_photo_of_the_right_size_is_only_cut(photo: Pixels) -> None:
    small = np.asarray(Image.fromarray(photo).resize((384, 256)))
    assert np.array_equal(CONTRACT.square(small), small[16:240, 80:304])


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (3, 2, 3), (257, 256, 3)])
def test_any_size_of_photo_gives_a_square(shape: tuple[int, ...]) -> None:
    assert CONTRACT.square(np.full(shape, 77, np.uint8)).tolist() == np.full((224, 224, 3), 77).tolist()


def test_a_square_that_is_the_whole_photo_does_not_reach_beyond_it() -> None:
    """25 / 91 * 91 is a little more than 25."""
    assert InputContract(size=91, resize=91).square(np.full((25, 25, 3), 9, np.uint8)).shape == (91, 91, 3)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos"])
def test_the_filter_is_the_one_that_is_named(photo: Pixels, interpolation: Any) -> None:
    contract = InputContract(size=64, resize=64, interpolation=interpolation)
    middle = Image.fromarray(photo).crop((128, 0, 640, 512))
    expected = np.asarray(middle.resize((64, 64), Image.Resampling[interpolation.upper()]))
    inner = (slice(4, -4), slice(4, -4))  # at the rim the filter sees what lies beyond the cut
    assert np.abs(contract.square(photo)[inner].astype(int) - expected[inner]).max() <= 1


def test_normalising_follows_its_formula() -> None:
    contract = InputContract(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    squares = np.random.default_rng(2).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    slow = ((squares / 255 - contract.mean) / contract.std).transpose(0, 3, 1, 2)
    fast = contract.normalise(squares)
    assert fast.dtype == np.float32
    assert fast.shape == (2, 3, 32, 32)
    assert fast.flags.c_contiguous
    assert np.abs(fast - slow).max() < 1e-6


def test_the_default_maps_black_and_white_to_one_each_way() -> None:
    white = CONTRACT.tensor([np.full((300, 300, 3), 255, np.uint8), np.zeros((300, 300, 3), np.uint8)])
    assert np.allclose(white[0], 1)
    assert np.allclose(white[1], -1)


def test_the_colour_order_is_red_green_blue() -> None:
    red = np.zeros((256, 256, 3), np.uint8)
    red[..., 0] = 255
    assert CONTRACT.tensor([red])[0].mean(axis=(1, 2)).tolist() == [1, -1, -1]


def test_a_batch_is_its_photos_one_by_one(photo: Pixels) -> None:
    photos = [photo, photo[:, ::-1], photo[:300, :280]]
    batch = CONTRACT.tensor(photos)
    assert batch.shape == (3, 3, 224, 224)
    assert all(np.array_equal(batch[i], CONTRACT.tensor([one])[0]) for i, one in enumerate(photos))


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ContractError, match="no photos: give at least one"):
        CONTRACT.tensor([])


@pytest.mark.parametrize(
    "array",
    [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)],
)
def test_what_is_no_photo_is_refused(array: Any) -> None:
    with pytest.raises(ContractError, match=r"is no photo: give uint8 \(height, width, 3\), RGB, upright"):
        check_photo(array)
    with pytest.raises(ContractError, match="is no photo"):
        CONTRACT.tensor([array])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": 16}, "size 16 px: give 32 or more"),
        ({"size": 300}, r"at most resize \(256 px\)"),
        ({"size": 224.5}, "size 224.5 px"),
        ({"interpolation": "nearest"}, "interpolation 'nearest': give one of bilinear, bicubic, lanczos"),
        ({"std": (0.5, 0.5, 0.0)}, "std above 0"),
        ({"mean": (0.5, 0.5)}, "give three numbers each"),
        ({"mean": (0.5, 0.5, float("nan"))}, "give three numbers each"),
        ({"colour_order": "BGR"}, "colour order 'BGR', layout 'NCHW': only RGB and NCHW"),
        ({"layout": "NHWC"}, "only RGB and NCHW"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        InputContract(**values)


def test_it_survives_json() -> None:
    contract = InputContract(192, 224, "lanczos", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert InputContract.from_json(json.loads(json.dumps(contract.as_json()))) == contract


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crop": "centre"}, r"\['crop'\] are missing or not known"),
        ({"size": None}, "wrong type|size None"),
        ({"size": "224"}, "wrong type|size 224"),
        ({"mean": ["a", "b", "c"]}, "a value of the wrong type"),
        ({"std": 0.5}, "a value of the wrong type"),
    ],
)
def test_damaged_json_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        InputContract.from_json({**CONTRACT.as_json(), **change})


def test_a_missing_field_is_refused() -> None:
    stored = CONTRACT.as_json()
    del stored["mean"]
    with pytest.raises(ContractError, match=r"\['mean'\] are missing or not known"):
        InputContract.from_json(stored)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CONTRACT.size = 300  # type: ignore[misc]


def test_the_frame_is_where_the_square_lies() -> None:
    contract = InputContract(size=64, resize=80)
    assert contract.frame(100, 160) == (40, 10, 80)
    assert contract.frame(160, 100) == (10, 40, 80)
    photo = np.zeros((80, 120, 3), np.uint8)
    left, top, side = map(int, contract.frame(80, 120))
    photo[top : top + side, left : left + side] = 200
    assert (contract.square(photo) == 200).all()
