"""The mobile networks, defined in PyTorch with batch-norm already folded into the convolutions.

A network maps `float32 (batch, 3, height, width)`, as the input contract makes it, to an embedding
`float32 (batch, embedding_size)`. Height and width are multiples of 32; the classifier is not part of it.

MobileNet-EdgeTPU: Gupta and Akin, "Accelerator-aware Neural Network Design using AutoML", 2020 (arXiv 2003.02838).
MobileNetV2: Sandler et al., "Inverted Residuals and Linear Bottlenecks", 2018 (arXiv 1801.04381), table 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Stage(NamedTuple):
    """One stage of a network: its first block may widen more, and may stride; the others repeat with a skip."""

    channels: int
    kernel: int
    stride: int
    blocks: int
    first_expansion: int
    later_expansion: int
    fused: bool = False


EDGETPU_STAGES = (
    Stage(channels=32, kernel=3, stride=2, blocks=4, first_expansion=8, later_expansion=4, fused=True),
    Stage(channels=48, kernel=3, stride=2, blocks=4, first_expansion=8, later_expansion=4, fused=True),
    Stage(channels=96, kernel=3, stride=2, blocks=4, first_expansion=8, later_expansion=4),
    Stage(channels=96, kernel=3, stride=1, blocks=4, first_expansion=8, later_expansion=4),
    Stage(channels=160, kernel=5, stride=2, blocks=4, first_expansion=8, later_expansion=4),
    Stage(channels=192, kernel=3, stride=1, blocks=1, first_expansion=8, later_expansion=4),
)
V2_STAGES = (
    Stage(channels=16, kernel=3, stride=1, blocks=1, first_expansion=1, later_expansion=1),
    Stage(channels=24, kernel=3, stride=2, blocks=2, first_expansion=6, later_expansion=6),
    Stage(channels=32, kernel=3, stride=2, blocks=3, first_expansion=6, later_expansion=6),
    Stage(channels=64, kernel=3, stride=2, blocks=4, first_expansion=6, later_expansion=6),
    Stage(channels=96, kernel=3, stride=1, blocks=3, first_expansion=6, later_expansion=6),
    Stage(channels=160, kernel=3, stride=2, blocks=3, first_expansion=6, later_expansion=6),
    Stage(channels=320, kernel=3, stride=1, blocks=1, first_expansion=6, later_expansion=6),
)
Activation = Callable[[], nn.Module]


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

    Fused: one full convolution widens and filters. Otherwise: a 1x1 widens, unless the expansion is 1, and a depthwise
    convolution filters.
    """

    def __init__(self, channels_in: int, stage: Stage, activation: Activation, *, first: bool) -> None:
        """`first`: of its stage, so that it strides, and has no skip."""
        super().__init__()
        expansion, stride = (stage.first_expansion, stage.stride) if first else (stage.later_expansion, 1)
        wide = channels_in * expansion
        if stage.fused:
            widen: list[nn.Module] = [SameConv(channels_in, wide, stage.kernel, stride), activation()]
        else:
            widen = [SameConv(channels_in, wide), activation()] if expansion > 1 else []
            widen += [SameConv(wide, wide, stage.kernel, stride, groups=wide), activation()]
        self.layers = nn.Sequential(*widen, SameConv(wide, stage.channels))
        self.skip = not first

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels_in, height, width)` to `(batch, stage.channels, height / stride, width / stride)`."""
        y: Tensor = self.layers(x)
        return x + y if self.skip else y


class MobileNetwork(nn.Module):
    """Convolutions one after the other, and the mean over space of what the last gives."""

    embedding_size = 1280

    def __init__(self, *features: nn.Module) -> None:
        """`features`: from `(batch, 3, height, width)` to `(batch, embedding_size, height / 32, width / 32)`."""
        super().__init__()
        self.features = nn.Sequential(*features)

    def stages(self) -> list[nn.Module]:
        """The parts of the network, from the input to the output."""
        return list(self.features)

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, height, width)` to the mean over space of the last features: `(batch, 1280)`, all >= 0."""
        features: Tensor = self.features(images)
        return torch.mean(features, dim=(2, 3))


class MobileNetEdgeTPU(MobileNetwork):
    """MobileNet-EdgeTPU 1.0 without its classifier: 2.79 M parameters, embedding of 1280."""

    def __init__(self) -> None:
        relu = partial(nn.ReLU, inplace=True)
        blocks, channels = _blocks(16, EDGETPU_STAGES, relu)
        stem = (SameConv(3, 32, kernel=3, stride=2), relu(), SameConv(32, 16))
        super().__init__(*stem, *blocks, SameConv(channels, self.embedding_size), relu())


class MobileNetV2(MobileNetwork):
    """MobileNetV2 1.0 without its classifier: 2.21 M parameters, embedding of 1280, at most 6 each."""

    def __init__(self) -> None:
        relu6 = partial(nn.ReLU6, inplace=True)
        blocks, channels = _blocks(32, V2_STAGES, relu6)
        stem = (SameConv(3, 32, kernel=3, stride=2), relu6())
        super().__init__(*stem, *blocks, SameConv(channels, self.embedding_size), relu6())


def _blocks(channels: int, stages: Sequence[Stage], activation: Activation) -> tuple[list[nn.Module], int]:
    """All blocks of all stages, and the channels that come out of the last."""
    blocks: list[nn.Module] = []
    for stage in stages:
        for number in range(stage.blocks):
            blocks.append(InvertedBottleneck(channels, stage, activation, first=number == 0))
            channels = stage.channels
    return blocks, channels
