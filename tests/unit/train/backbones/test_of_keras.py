from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch
from backbone_checks import check_backbone, check_export

from shibuya_optics.errors import MissingExtraError, WeightsError
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, backbone_named, load_backbone
from shibuya_optics.train.backbones.of_keras import KerasNetwork, contract_of

if "keras" not in sys.modules:
    os.environ["KERAS_BACKEND"] = "torch"
keras = pytest.importorskip("keras")
pytestmark = [
    pytest.mark.train,
    # Keras asks PyTorch's tensors for arrays in a way that NumPy calls old.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

SIZE = 32


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of starting weights; Keras has fetched nothing, and can fetch nothing."""

    def unreachable(*arguments: Any, **options: Any) -> None:
        raise URLError("no network")

    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", unreachable)
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def tiny() -> Iterator[Any]:
    """A Keras model of two blocks with batch-norm and dropout, 8 numbers a photo."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    images = x = keras.Input((None, None, 3))
    for block, channels in ((1, 4), (2, 8)):
        x = layers.Conv2D(channels, 3, strides=2, padding="same", name=f"block{block}_conv")(x)
        x = layers.BatchNormalization(name=f"block{block}_bn")(x)
        x = layers.ReLU()(x)
    x = layers.Dropout(0.5)(x)
    yield keras.Model(images, layers.GlobalAveragePooling2D()(x))
    keras.utils.clear_session()


def test_a_model_trains_and_exports(tiny: Any) -> None:
    network = KerasNetwork(tiny, size=SIZE)
    assert network.embedding_size == 8
    assert len(network.stages()) == 2
    check_backbone(network, SIZE, stages=2)
    check_export(network, SIZE)


def test_a_copy_is_the_same_and_lives_alone(tiny: Any) -> None:
    network = KerasNetwork(tiny, size=SIZE, blue_first=True)
    network.stages()[0].requires_grad_(requires_grad=False)
    copied = deepcopy(network)
    images = torch.randn(2, 3, SIZE, SIZE)
    assert torch.equal(copied(images), network(images))
    pairs = list(zip(network.parameters(), copied.parameters(), strict=True))
    assert all(own is not copy and torch.equal(own, copy) for own, copy in pairs)
    assert all(own.requires_grad == copy.requires_grad for own, copy in pairs)


def test_a_checkpoint_fits_every_copy(tiny: Any) -> None:
    network = KerasNetwork(tiny, size=SIZE)
    copied = deepcopy(network)
    with torch.no_grad():
        next(copied.stages()[0].parameters()).add_(1)
    assert list(copied.state_dict()) == list(network.state_dict())
    network.load_state_dict(copied.state_dict())
    images = torch.randn(2, 3, SIZE, SIZE)
    assert torch.equal(copied(images), network(images))


def test_batch_norm_keeps_its_statistics(tiny: Any) -> None:
    network = KerasNetwork(tiny, size=SIZE).train()
    layer = tiny.get_layer("block1_bn")
    before = [np.array(layer.moving_mean), np.array(layer.moving_variance)]
    images = 5 + torch.randn(4, 3, SIZE, SIZE)
    assert torch.equal(network(images), network.eval()(images))
    assert np.array_equal(before, [np.array(layer.moving_mean), np.array(layer.moving_variance)])


def test_a_model_of_blue_first_is_shown_blue_first(tiny: Any) -> None:
    images = torch.randn(2, 3, SIZE, SIZE)
    plain, turned = KerasNetwork(tiny, size=SIZE), KerasNetwork(tiny, size=SIZE, blue_first=True)
    assert torch.allclose(turned(images), plain(images[:, [2, 1, 0]]))
    assert not torch.allclose(turned(images), plain(images), atol=1e-4)


def test_an_application_takes_its_weights_from_the_folder(weights: Path) -> None:
    original = keras.applications.MobileNetV3Small(
        include_top=False, pooling="avg", weights=None, input_shape=(64, 64, 3)
    )
    path = weights / "keras" / "MobileNetV3Small" / "notop.weights.h5"
    path.parent.mkdir(parents=True)
    original.save_weights(path)
    network, lineage = load_backbone("keras/MobileNetV3Small")
    images = torch.rand(2, 3, 64, 64) * 255
    with torch.no_grad():
        expected = original(images.permute(0, 2, 3, 1), training=False)
        assert torch.allclose(network(images), expected, atol=1e-4)
    assert lineage["origin"].startswith("MobileNetV3Small trained on ImageNet-1k")
    check_backbone(network, 64, stages=10)


@pytest.mark.parametrize(
    ("application", "mean", "std", "blue_first"),
    [
        ("mobilenet_v2", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), False),
        ("densenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), False),
        ("efficientnet", (0, 0, 0), (1 / 255, 1 / 255, 1 / 255), False),
        ("resnet", (123.68 / 255, 116.779 / 255, 103.939 / 255), (1 / 255, 1 / 255, 1 / 255), True),
    ],
)
def test_the_contract_is_what_the_application_does(
    application: str, mean: tuple[float, ...], std: tuple[float, ...], blue_first: bool
) -> None:
    preprocess = getattr(keras.applications, application).preprocess_input
    contract, turned = contract_of(preprocess)
    assert turned is blue_first
    assert contract.mean == pytest.approx(mean, abs=1e-6)
    assert contract.std == pytest.approx(std, abs=1e-6)
    squares = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    images = contract.normalise(squares)
    shown = images[:, ::-1] if turned else images
    assert np.allclose(shown.transpose(0, 2, 3, 1), preprocess(squares.astype(np.float32)), atol=1e-3)


def test_the_registry_knows_the_contract_of_an_application() -> None:
    assert backbone_named("keras/MobileNetV2").contract.mean == (0.5, 0.5, 0.5)


def test_an_unknown_application_names_the_nearest_and_all() -> None:
    with pytest.raises(WeightsError, match="did you mean 'MobileNetV3Small'.*ResNet50"):
        load_backbone("keras/MobileNetV3Smal")


def test_weights_out_of_reach_say_where_they_belong(weights: Path) -> None:
    path = weights / "keras" / "MobileNetV2" / "notop.weights.h5"
    with pytest.raises(WeightsError, match=f"cannot be loaded .*no network.* without top at {path}"):
        load_backbone("keras/MobileNetV2")


def test_keras_on_another_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(WeightsError, match="Keras was imported on jax before: set KERAS_BACKEND=torch"):
        load_backbone("keras/MobileNetV2")


def test_a_missing_keras_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingExtraError, match=r"it lacks keras.*shibuya-optics\[keras\]"):
        load_backbone("keras/MobileNetV2")


def test_keras_is_imported_on_pytorch_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.delitem(sys.modules, "keras")

    def imported(name: str) -> ModuleType:
        assert os.environ["KERAS_BACKEND"] == "torch"
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr("importlib.import_module", imported)
    with pytest.raises(MissingExtraError):
        load_backbone("keras/MobileNetV2")
