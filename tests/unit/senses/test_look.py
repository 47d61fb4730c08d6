from __future__ import annotations

import numpy as np
import pytest
from pooling_network import CENTRE, DEPTH, pooling_embedder
from tiny_bundle import CONTRACT, SIZE, noisy_photo, plain_photo, tiny_embedder, vector_of

from shibuya_optics.contract import InputContract
from shibuya_optics.errors import ContractError, DamagedBundleError
from shibuya_optics.senses import Look


def test_a_photo_of_one_colour_gives_the_vector_worked_out_by_hand() -> None:
    (vector,) = Look(tiny_embedder(), CONTRACT).vectors([plain_photo((250, 10, 60))])
    assert vector.dtype == np.float32
    np.testing.assert_allclose(vector, vector_of((250, 10, 60)), atol=1e-6)


def test_vectors_are_of_length_one_whatever_the_network_gives() -> None:
    photos = [noisy_photo((200, 50, 50), seed) for seed in range(3)]
    small, large = (Look(tiny_embedder(scale=scale), CONTRACT).vectors(photos) for scale in (1e-3, 1e3))
    np.testing.assert_allclose(np.linalg.norm(small, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(small, large, atol=1e-6)


def test_batches_change_nothing() -> None:
    look = Look(tiny_embedder(), CONTRACT, threads=1)
    photos = [noisy_photo((90, 120, 40), seed, side=40 + seed) for seed in range(7)]
    together = look.vectors(photos, batch=3)
    alone = np.concatenate([look.vectors([photo]) for photo in photos])
    assert together.shape == (7, SIZE)
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_photos_give_no_rows() -> None:
    assert Look(tiny_embedder(), CONTRACT).vectors([]).shape == (0, SIZE)


def test_a_photo_in_which_nothing_is_seen_gives_zeros() -> None:
    vectors = Look(tiny_embedder(scale=0), CONTRACT).vectors([plain_photo((250, 10, 10))])
    assert not vectors.any()


def test_an_array_that_is_no_photo_is_refused() -> None:
    with pytest.raises(ContractError, match="is no photo"):
        Look(tiny_embedder(), CONTRACT).vectors([np.zeros((40, 40), np.uint8)])


def test_numbers_that_are_not_finite_are_refused() -> None:
    look = Look(tiny_embedder(scale=float("inf")), CONTRACT)
    with pytest.raises(DamagedBundleError, match="not finite"):
        look.vectors([plain_photo((250, 10, 10))])


@pytest.mark.parametrize("embedder", [b"", b"not a graph", tiny_embedder()[:-100]])
def test_what_onnx_runtime_refuses_is_told_in_one_line(embedder: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DamagedBundleError, match=r"ONNX Runtime .* refuses the bundle's embedder") as caught:
        Look(embedder, CONTRACT)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("embedder", "message"),
    [
        (tiny_embedder(names=("photos", "embedding")), "embedder takes .*photos"),
        (tiny_embedder(names=("images", "logits")), "embedder gives .*logits"),
        (tiny_embedder(side=64), "64.*, not 'images' float32"),
    ],
)
def test_a_graph_with_another_input_or_output_is_refused(embedder: bytes, message: str) -> None:
    with pytest.raises(DamagedBundleError, match=message):
        Look(embedder, CONTRACT)


def test_the_contract_decides_what_the_network_sees() -> None:
    photo = plain_photo((250, 10, 10), side=64)
    photo[16:48, 16:48] = (10, 10, 250)
    middle = InputContract(size=32, resize=64, interpolation="bilinear")
    (vector,) = Look(tiny_embedder(), middle).vectors([photo])
    np.testing.assert_allclose(vector, vector_of((10, 10, 250)), atol=1e-6)


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_feature_map_is_that_of_which_the_embedding_is_the_mean(channels_last: bool) -> None:
    photo = plain_photo((250, 10, 60), side=32)
    photo[:8, 24:] = (10, 250, 10)
    look = Look(pooling_embedder(channels_last=channels_last), CONTRACT)
    features = look.features(photo)
    assert features is not None
    assert features.cells.shape == (DEPTH, 4, 4)
    green = features.cells[1] > 0
    assert green[0, 3]
    assert green.sum() == 1
    mean = features.cells.mean(axis=(1, 2))
    np.testing.assert_allclose(features.embedding, mean / np.linalg.norm(mean) - CENTRE, atol=1e-6)
    (vector,) = look.vectors([photo])
    np.testing.assert_allclose(features.embedding / np.linalg.norm(features.embedding), vector, atol=1e-6)


@pytest.mark.parametrize("embedder", [tiny_embedder(), pooling_embedder(unit=False)])
def test_a_network_whose_embedding_is_no_such_mean_has_no_feature_map(embedder: bytes) -> None:
    assert Look(embedder, CONTRACT).features(plain_photo((250, 10, 60))) is None
