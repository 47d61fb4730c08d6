from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from backbone_checks import check_backbone, check_export
from torch import nn

from shibuya_optics.errors import MissingExtraError, WeightsError
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, backbone_named, load_backbone
from shibuya_optics.train.backbones.of_transformers import contract_of

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.train

SIZE = 32
PROCESSOR = {
    "size": {"height": SIZE, "width": SIZE},
    "resample": 2,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
ATTENTION = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIZE, "patch_size": 16}
CONFIGS: dict[str, Callable[[], Any]] = {
    "vit": lambda: transformers.ViTConfig(intermediate_size=32, **ATTENTION),
    "dinov2": lambda: transformers.Dinov2Config(**ATTENTION),
    "convnext": lambda: transformers.ConvNextConfig(hidden_sizes=[8, 16, 24], depths=[1, 1, 1], num_stages=3),
    "swin": lambda: transformers.SwinConfig(
        embed_dim=8, depths=[1, 1], num_heads=[2, 2], image_size=SIZE, window_size=4
    ),
    "resnet": lambda: transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1]),
}


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., nn.Module]:
    """Stores a network of random weights in the folder of starting weights; the hub is out of reach."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()

    def store(name: str, card: str = "", processor: dict[str, Any] = PROCESSOR, **options: Any) -> nn.Module:
        torch.manual_seed(0)
        folder = tmp_path / "transformers" / "someone" / name
        network: nn.Module = transformers.AutoModel.from_config(CONFIGS[name](), **options)
        network.save_pretrained(folder)  # type: ignore[operator]
        (folder / "preprocessor_config.json").write_text(json.dumps(processor))
        (folder / "README.md").write_text(card)
        return network

    return store


@pytest.mark.parametrize("name", CONFIGS)
def test_a_network_trains(name: str, stored: Callable[..., nn.Module]) -> None:
    original = stored(name)
    network, lineage = load_backbone(f"transformers/someone/{name}")
    images = torch.randn(2, 3, SIZE, SIZE)
    with torch.no_grad():
        expected = original.eval()(pixel_values=images).pooler_output.flatten(1)
        assert torch.allclose(network(images), expected, atol=1e-5)
    assert lineage["name"] == f"transformers/someone/{name}"
    assert len(lineage["sha256"]) == 64
    check_backbone(network, SIZE, stages=4)


@pytest.mark.parametrize("name", ["vit", "convnext", "swin"])
def test_a_network_is_exported(name: str, stored: Callable[..., nn.Module]) -> None:
    stored(name)
    network, _ = load_backbone(f"transformers/someone/{name}")
    check_export(network, SIZE)


def test_a_pooler_without_weights_gives_way_to_the_class_token(stored: Callable[..., nn.Module]) -> None:
    original = stored("vit", add_pooling_layer=False)
    network, _ = load_backbone("transformers/someone/vit")
    images = torch.randn(2, 3, SIZE, SIZE)
    with torch.no_grad():
        expected = original.eval()(pixel_values=images).last_hidden_state[:, 0]
        assert torch.allclose(network(images), expected, atol=1e-5)


def test_a_network_sees_other_sizes_than_it_was_trained_on(stored: Callable[..., nn.Module]) -> None:
    stored("vit")
    network, _ = load_backbone("transformers/someone/vit")
    assert network(torch.randn(2, 3, 2 * SIZE, 2 * SIZE)).shape == (2, 16)


def test_contract_and_licence_travel_with_the_network(stored: Callable[..., nn.Module]) -> None:
    stored("dinov2", card="---\nlibrary_name: transformers\nlicense: apache-2.0\ntags:\n- vision\n---\n# DINOv2\n")
    backbone = backbone_named("transformers/someone/dinov2")
    assert backbone.licence == "apache-2.0"
    assert (backbone.contract.size, backbone.contract.interpolation) == (SIZE, "bilinear")
    assert backbone.contract.mean == (0.485, 0.456, 0.406)
    stored("resnet")
    assert "not stated" in backbone_named("transformers/someone/resnet").licence


def test_a_network_of_blue_first_is_shown_blue_first(stored: Callable[..., nn.Module]) -> None:
    original = stored("resnet", processor={**PROCESSOR, "do_flip_channel_order": True})
    network, _ = load_backbone("transformers/someone/resnet")
    images = torch.randn(2, 3, SIZE, SIZE)
    with torch.no_grad():
        expected = original.eval()(pixel_values=images[:, [2, 1, 0]]).pooler_output.flatten(1)
        assert torch.allclose(network(images), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("processor", "size", "resize", "mean", "std"),
    [
        ({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}, 224, 256, 0.485, 0.229),
        ({"size": 224, "image_mean": 0.5, "image_std": [0.5, 0.5, 0.5]}, 224, 224, 0.5, 0.5),
        ({"size": 224, "do_normalize": False}, 224, 224, 0, 1),
        (
            {"size": 224, "rescale_factor": 1 / 127.5, "image_mean": [1, 1, 1], "image_std": [1, 1, 1]},
            224,
            224,
            0.5,
            0.5,
        ),
    ],
)
def test_the_contract_is_what_the_processor_does(
    processor: dict[str, Any], size: int, resize: int, mean: float, std: float
) -> None:
    contract = contract_of(processor)
    assert (contract.size, contract.resize, contract.interpolation) == (size, resize, "bicubic")
    assert (contract.mean[0], contract.std[0]) == pytest.approx((mean, std))


def test_weights_that_lack_a_part_are_refused(stored: Callable[..., nn.Module], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    stored("dinov2")
    path = tmp_path / "transformers" / "someone" / "dinov2" / "model.safetensors"
    weights = load_file(path)
    lost = next(name for name in weights if "layer.1" in name)
    del weights[lost]
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(WeightsError, match="lack 1 of its parts"):
        load_backbone("transformers/someone/dinov2")


def test_a_network_of_words_is_refused(stored: Callable[..., nn.Module], monkeypatch: pytest.MonkeyPatch) -> None:
    stored("resnet")
    monkeypatch.setattr(transformers.ResNetModel, "main_input_name", "input_ids")
    with pytest.raises(WeightsError, match="takes input_ids, not images alone"):
        load_backbone("transformers/someone/resnet")


def test_a_hub_out_of_reach_says_where_files_belong(stored: Callable[..., nn.Module], tmp_path: Path) -> None:
    folder = tmp_path / "transformers" / "someone" / "absent"
    with pytest.raises(WeightsError, match=f"put its config.json, .* into {folder} .*OPTICS_WEIGHTS"):
        load_backbone("transformers/someone/absent")


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"it lacks transformers.*shibuya-optics\[hub\]"):
        load_backbone("transformers/someone/vit")
