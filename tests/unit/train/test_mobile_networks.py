from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from shibuya_optics.train.mobile_networks import MobileNetEdgeTPU, SameConv


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


def test_mobilenet_edgetpu_has_its_published_size() -> None:
    network = MobileNetEdgeTPU()
    assert sum(parameter.numel() for parameter in network.parameters()) == 2_790_992
    assert sum(isinstance(module, SameConv) for module in network.modules()) == 58


@pytest.mark.parametrize("size", [64, 96])
def test_mobilenet_edgetpu_embeds_any_multiple_of_32(size: int) -> None:
    with torch.no_grad():
        embedding = MobileNetEdgeTPU()(torch.randn(2, 3, size, size))
    assert embedding.shape == (2, 1280)
    assert float(embedding.min()) >= 0
