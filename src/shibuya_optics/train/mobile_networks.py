"""The mobile networks, defined in PyTorch with batch-norm already folded into the convolutions.

A network maps `float32 (batch, 3, height, width)`, as the input contract makes it, to an embedding
`float32 (batch, embedding_size)`. Height and width are multiples of 32; the classifier is not part of it.

MobileNet-EdgeTPU: Gupta and Akin, "Accelerator-aware Neural Network Design using AutoML", 2020 (arXiv 2003.02838).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Stage(NamedTuple):
    """One stage of MobileNet-EdgeTPU: its first block widens more and may stride; the others repeat with a skip."""

    channels: int
    kernel: int
    stride: int
    blocks: int
    first_expansion: int
    fused: bool


EDGETPU_STAGES = (
    Stage(channels=32, kernel=3, stride=2, blocks=4, first_expansion=8, fused=True),
    Stage(channels=48, kernel=3, stride=2, blocks=4, first_expansion=8, fused=True),
    Stage(channels=96, kernel=3, stride=2, blocks=4, first_expansion=8, fused=False),
    Stage(channels=96, kernel=3, stride=1, blocks=4, first_expansion=8, fused=False),
    Stage(channels=160, kernel=5, stride=2, blocks=4, first_expansion=8, fused=False),
    Stage(channels=192, kernel=3, stride=1, blocks=1, first_expansion=8, fused=False),
)
LATER_EXPANSION = 4


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding: at stride 2 the extra row and column lie below and right.

    Symmetric padding of the same total would shift every feature map by half a pixel and lose accuracy.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        total = kernel - stride if stride > 1 else kernel - 1
        before, after = total // 2, total - total // 2
        super().__init__(channels_in, channels_out, kernel, stride, before if before == after else 0, groups=groups)
        self.uneven = None if before == after else (before, after, before, after)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve `(batch, channels_in, height, width)`; even heights and widths are divided by the stride."""
        if self.uneven is not None:
            x = functional.pad(x, self.uneven)
        return super().forward(x)


class InvertedBottleneck(nn.Module):
    """Widen, filter in space, narrow; with a skip where the shapes allow it.

    Fused: one full convolution widens and filters. Otherwise: a 1x1 widens and a depthwise convolution filters.
    """

    def __init__(self, channels_in: int, stage: Stage, expansion: int, stride: int, *, skip: bool) -> None:
        super().__init__()
        wide = channels_in * expansion
        relu = nn.ReLU(inplace=True)
        if stage.fused:
            widen: list[nn.Module] = [SameConv(channels_in, wide, stage.kernel, stride), relu]
        else:
            depthwise = SameConv(wide, wide, stage.kernel, stride, groups=wide)
            widen = [SameConv(channels_in, wide), relu, depthwise, relu]
        self.layers = nn.Sequential(*widen, SameConv(wide, stage.channels))
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels_in, height, width)` to `(batch, stage.channels, height / stride, width / stride)`."""
        y: Tensor = self.layers(x)
        return x + y if self.skip else y


class MobileNetEdgeTPU(nn.Module):
    """MobileNet-EdgeTPU 1.0 without its classifier: 2.79 M parameters, embedding of 1280."""

    embedding_size = 1280

    def __init__(self) -> None:
        super().__init__()
        channels = 16
        blocks: list[nn.Module] = [SameConv(3, 32, kernel=3, stride=2), nn.ReLU(inplace=True), SameConv(32, channels)]
        for stage in EDGETPU_STAGES:
            blocks.append(InvertedBottleneck(channels, stage, stage.first_expansion, stage.stride, skip=False))
            channels = stage.channels
            blocks += [
                InvertedBottleneck(channels, stage, LATER_EXPANSION, stride=1, skip=True)
                for _ in range(stage.blocks - 1)
            ]
        self.features = nn.Sequential(*blocks, SameConv(channels, self.embedding_size), nn.ReLU(inplace=True))

    def stages(self) -> list[nn.Module]:
        """The parts of the network, from the input to the output."""
        return list(self.features)

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, height, width)` to the mean over space of the last features: `(batch, 1280)`, all >= 0."""
        features: Tensor = self.features(images)
        return torch.mean(features, dim=(2, 3))
