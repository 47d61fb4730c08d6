from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from tiny_training import CONTRACT, TinyNetwork

from shibuya_optics.errors import RunError
from shibuya_optics.senses import Look
from shibuya_optics.train.bundling.onnx_export import Centred, export_onnx, largest_difference

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def exported() -> tuple[Centred, bytes]:
    torch.manual_seed(0)
    network = Centred(TinyNetwork(), torch.rand(16) / 4)
    return network, export_onnx(network, CONTRACT)


def random_rows(count: int) -> np.ndarray:
    rows = np.random.default_rng(count).normal(size=(count, 16))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def photos(count: int) -> list[np.ndarray]:
    return [np.random.default_rng(i).integers(0, 256, (40, 50, 3)).astype(np.uint8) for i in range(count)]


def test_the_exported_graph_sees_what_pytorch_sees(exported: tuple[Centred, bytes]) -> None:
    network, embedder = exported
    assert largest_difference(network, Look(embedder, CONTRACT), random_rows(5), 20.0, photos(3)) <= 1e-4


def test_a_graph_that_differs_is_refused(exported: tuple[Centred, bytes]) -> None:
    network, embedder = exported
    other = Centred(network.network, network.centre + 0.01)
    with pytest.raises(RunError, match="differ by"):
        largest_difference(other, Look(embedder, CONTRACT), random_rows(5), 20.0, photos(3))


def test_the_exported_graph_still_has_its_feature_map(exported: tuple[Centred, bytes]) -> None:
    network, embedder = exported
    (photo,) = photos(1)
    features = Look(embedder, CONTRACT).features(photo)
    assert features is not None
    assert isinstance(network.network, TinyNetwork)
    cells = network.network.features(torch.from_numpy(CONTRACT.tensor([photo]))).detach().numpy()
    assert np.allclose(features.cells, cells[0], atol=1e-5)


def test_the_centre_is_taken_from_unit_vectors() -> None:
    network, centre = TinyNetwork(), torch.full((16,), 0.25)
    images = torch.randn(2, 3, 32, 32)
    plain = network(images).detach().numpy()
    slowly = plain / np.linalg.norm(plain, axis=1, keepdims=True) - 0.25
    assert np.allclose(Centred(network, centre)(images).detach().numpy(), slowly, atol=1e-6)


def test_the_graph_names_no_file_of_the_machine_that_made_it(exported: tuple[Centred, bytes]) -> None:
    _, embedder = exported
    assert b".py" not in embedder
    assert b"/" + b"site-packages" not in embedder
    model = onnx.load_model_from_string(embedder)
    assert not any(node.metadata_props for node in model.graph.node)


def test_exporting_twice_gives_the_same_bytes(exported: tuple[Centred, bytes]) -> None:
    network, embedder = exported
    assert export_onnx(network, CONTRACT) == embedder
