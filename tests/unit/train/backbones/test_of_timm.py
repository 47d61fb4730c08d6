"""The library needs torchvision, which not every PyTorch has: a stand-in with its interface takes its place."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from backbone_checks import check_backbone, check_export
from torch import Tensor, nn

from shibuya_optics.errors import MissingExtraError, WeightsError
from shibuya_optics.train.backbones import WEIGHTS_VARIABLE, backbone_named, load_backbone

pytestmark = pytest.mark.train

NAME, SIZE = "tiny_net.someone_in1k", 32
FACTS = SimpleNamespace(
    input_size=(3, SIZE, SIZE),
    crop_pct=0.8,
    interpolation="bilinear",
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
    license="apache-2.0",
    hf_hub_id="timm/" + NAME,
)


class TinyTimm(nn.Module):
    """As timm's networks: batch-norm, and `(batch, num_features)` with `num_classes=0`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn1 = nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4)
        self.blocks = nn.Sequential(nn.Conv2d(4, 8, 3, 2, 1), nn.Conv2d(8, 8, 1))

    def forward(self, images: Tensor) -> Tensor:
        return torch.mean(self.blocks(torch.relu(self.bn1(self.conv_stem(images)))), dim=(2, 3))


class FakeTimm(ModuleType):
    __version__ = "1.0.0"

    def __init__(self) -> None:
        super().__init__("timm")
        self.asked: dict[str, Any] = {}
        self.error: Exception | None = None

    def list_models(self, *, pretrained: bool) -> list[str]:
        return [NAME, "other_net"]

    def get_pretrained_cfg(self, name: str) -> SimpleNamespace | None:
        return FACTS if name == NAME else None

    def create_model(self, name: str, **options: Any) -> nn.Module:
        self.asked = {"name": name, **options}
        if self.error:
            raise self.error
        return TinyTimm()


@pytest.fixture
def timm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTimm:
    fake = FakeTimm()
    monkeypatch.setitem(sys.modules, "timm", fake)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    return fake


def test_a_network_trains_and_exports(timm: FakeTimm) -> None:
    network, lineage = load_backbone(f"timm/{NAME}")
    assert timm.asked == {"name": NAME, "pretrained": True, "num_classes": 0}
    assert network.embedding_size == 8
    assert lineage["licence"] == "apache-2.0"
    check_backbone(network, SIZE, stages=4)
    check_export(network, SIZE)


def test_the_contract_travels_with_the_network(timm: FakeTimm) -> None:
    contract = backbone_named(f"timm/{NAME}").contract
    assert (contract.size, contract.resize, contract.interpolation) == (SIZE, 40, "bilinear")
    assert (contract.mean, contract.std) == (FACTS.mean, FACTS.std)


def test_weights_in_the_folder_come_before_the_hub(timm: FakeTimm, tmp_path: Path) -> None:
    path = tmp_path / "timm" / NAME / "model.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    load_backbone(f"timm/{NAME}")
    assert timm.asked["pretrained_cfg_overlay"] == {"file": str(path)}


def test_an_unknown_network_names_the_nearest(timm: FakeTimm) -> None:
    with pytest.raises(WeightsError, match=f"did you mean '{NAME}'"):
        load_backbone("timm/tiny_net.someone_in1")


def test_a_hub_out_of_reach_says_where_weights_belong(timm: FakeTimm, tmp_path: Path) -> None:
    timm.error = RuntimeError("no connection\nand more")
    path = tmp_path / "timm" / NAME / "model.safetensors"
    with pytest.raises(WeightsError, match=rf"\(no connection\): .* put its model.safetensors at {path}"):
        load_backbone(f"timm/{NAME}")


def test_a_missing_timm_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"it lacks timm.*shibuya-optics\[timm\]"):
        load_backbone(f"timm/{NAME}")


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'torchvision'", name="torchvision"),
        RuntimeError("operator torchvision::nms does not exist"),
    ],
)
def test_a_torchvision_that_does_not_run_is_named(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> ModuleType:
        raise error

    monkeypatch.setattr("importlib.import_module", fails)
    with pytest.raises(WeightsError, match="timm does not run here .*torchvision.*transformers/ or keras/"):
        load_backbone(f"timm/{NAME}")
