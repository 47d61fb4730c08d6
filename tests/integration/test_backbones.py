"""Networks of other libraries, and a bundle's, go through the same loop and export as the mobile networks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_training import tiny_recipe, write_tiny_pantry

from shibuya_optics.bundle import read_bundle
from shibuya_optics.train.backbones import BACKBONES, WEIGHTS_VARIABLE, Backbone
from shibuya_optics.train.backbones.of_keras import KerasNetwork
from shibuya_optics.train.training import train

pytestmark = [
    pytest.mark.train,
    # Keras asks PyTorch's tensors for arrays in a way that NumPy calls old.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


def vit(weights: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A vision transformer of random weights in the folder of starting weights."""
    transformers = pytest.importorskip("transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
    )
    folder = weights / "transformers" / "tiny-vit"
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    facts = {"size": 32, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(facts))
    return "transformers/tiny-vit"


def keras(weights: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small Keras model of random weights, under a name of its own."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "torch"
    library = pytest.importorskip("keras")
    library.utils.set_random_seed(0)
    layers = library.layers
    model = library.Sequential(
        [
            library.Input((None, None, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same", name="block1_conv"),
            layers.BatchNormalization(name="block1_bn"),
            layers.ReLU(),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu", name="block2_conv"),
            layers.Dropout(0.5),
            layers.GlobalAveragePooling2D(),
        ]
    )
    backbone = Backbone(
        "tiny-keras",
        build=lambda: KerasNetwork(model, size=32),
        contract=BACKBONES["mobilenet-v2"].contract,
        licence="MIT",
        origin="random numbers",
        fill=lambda network: {"sha256": "0" * 64},
    )
    monkeypatch.setitem(BACKBONES, "tiny-keras", backbone)
    return "tiny-keras"


def shipped(weights: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The shipped bundle; no starting weights lie anywhere."""
    return "pantry-mobile"


@pytest.mark.parametrize("make", [vit, keras, shipped])
def test_a_run_trains_averages_and_exports(
    make: Callable[[Path, pytest.MonkeyPatch], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    backbone = make(tmp_path / "weights", monkeypatch)
    dataset = write_tiny_pantry(tmp_path / "tiny.h5")
    recipe = tiny_recipe(
        dataset,
        {"backbone": backbone},
        epochs=2,
        backbone_rate=1e-4,
        averaging=0.5,
        start_share=0.25,
        layer_decay=0.8,
        frozen_stages=1,
    )
    trained = train(recipe, tmp_path / "runs")
    assert trained.metrics["test"]["accuracy"] >= 0.8
    assert trained.metrics["largest_logit_difference"] <= 1e-4
    assert read_bundle(trained.bundle).lineage[0]["name"] == backbone
