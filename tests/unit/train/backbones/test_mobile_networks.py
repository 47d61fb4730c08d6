from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from shibuya_optics.train.backbones.mobile_networks import MobileNetEdgeTPU, MobileNetV2, MobileNetwork, SameConv


def same_conv_slowly(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    """TensorFlow's SAME convolution by its definition: output ceil(n / stride), padding split with the rest after."""
    kernel, (_, height, width) = weight.shape[2], x.shape
    out = [math.ceil(n / stride) for n in (height, width)]
    pads = [max((o - 1) * stride + kernel - n, 0) for o, n in zip(out, (height, width), strict=True)]
    padded = np.pad(x, ((0, 0), *((p // 2, p - p // 2) for p in pads)))
    result = np.empty((weight.shape[0], *out))
    for i in range(out[0]):
        for j in range(out[1]):
            patch = padded[:, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
            result[:, i, j] = (weight * patch).sum(axis=(1, 2, 3)) + bias
    return result


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2)])
def test_same_conv_pads_as_tensorflow_does(kernel: int, stride: int) -> None:
    torch.manual_seed(kernel * 10 + stride)
    layer = SameConv(2, 3, kernel, stride)
    x = torch.randn(1, 2, 8, 12)
    expected = same_conv_slowly(
        x[0].double().numpy(),
        layer.weight.detach().double().numpy(),
        list(layer.parameters())[1].detach().double().numpy(),
        stride,
    )
    assert np.allclose(layer(x)[0].detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "parameters", "layers"), [(MobileNetEdgeTPU, 2_790_992, 58), (MobileNetV2, 2_206_816, 52)]
)
def test_a_network_has_its_published_size(network: Callable[[], MobileNetwork], parameters: int, layers: int) -> None:
    built = network()
    assert sum(parameter.numel() for parameter in built.parameters()) == parameters
    assert sum(isinstance(module, SameConv) for module in built.modules()) == layers


@pytest.mark.parametrize("network", [MobileNetEdgeTPU, MobileNetV2])
@pytest.mark.parametrize("size", [64, 96])
def test_a_network_embeds_any_multiple_of_32(network: Callable[[], MobileNetwork], size: int) -> None:
    with torch.no_grad():
        embedding = network()(torch.randn(2, 3, size, size))
    assert embedding.shape == (2, 1280)
    assert float(embedding.min()) >= 0


@pytest.mark.parametrize(("network", "largest"), [(MobileNetEdgeTPU, 100), (MobileNetV2, 6)])
def test_mobilenet_v2_alone_saturates_at_6(network: Callable[[], MobileNetwork], largest: float) -> None:
    built = network()
    last = built.features[-2]
    assert isinstance(last, SameConv)
    with torch.no_grad():
        last.weight.zero_()
        last.bias.fill_(100)  # type: ignore[union-attr]  # it has one
        assert built(torch.zeros(1, 3, 32, 32)).unique().tolist() == [largest]


@pytest.mark.parametrize("network", [MobileNetEdgeTPU, MobileNetV2])
def test_stages_run_from_the_input_to_the_output_and_hold_every_parameter(
    network: Callable[[], MobileNetwork],
) -> None:
    built = network()
    held = [parameter for stage in built.stages() for parameter in stage.parameters()]
    assert [id(parameter) for parameter in held] == [id(parameter) for parameter in built.parameters()]
