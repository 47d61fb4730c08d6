"""Networks of other libraries as ours are: images in the contract's layout to a vector, with their parts in order."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from shibuya_optics.errors import MissingExtraError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class WrappedNetwork(nn.Module):
    """Another library's network.

    Batch-norm keeps the statistics of the starting weights, as in the mobile networks, where it is folded: batches of a
    small pantry are too small and too much alike to measure better ones, and averages of weights stay exact.

    Attributes:
        free_size: False: the exported graph takes the contract's size alone, for positions are worked into it.
    """

    free_size = False

    def __init__(self, network: nn.Module, *, size: int, blue_first: bool = False) -> None:
        """Measures the embedding's size on an empty image of `size` px.

        Args:
            network: the library's, with its starting weights.
            size: side of a square image that it takes, px.
            blue_first: it takes the channels as BGR; the contract's are RGB.
        """
        super().__init__()
        self.network, self.blue_first = network, blue_first
        self.eval()
        with torch.no_grad():
            self.embedding_size = int(self(torch.zeros(1, 3, size, size)).shape[1])

    def forward(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, size, size)` to `(batch, embedding_size)`."""
        return self.embed(images.flip(1) if self.blue_first else images).flatten(1)

    def embed(self, images: Tensor) -> Tensor:
        """Images in the channel order of the network to `(batch, embedding_size)`, or that with sides of 1 behind."""
        embedding: Tensor = self.network(images)
        return embedding

    def stages(self) -> list[nn.Module]:
        """The parts of the network, from the input to the output."""
        return parts_in_order(self.network)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - PyTorch's signature
        """Training mode for all but batch-norm."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return self


def parts_in_order(module: nn.Module) -> list[nn.Module]:
    """The blocks of a network in the order in which they were registered, all parameters in one of them.

    Lists of blocks are taken apart, and whatever holds such a list and no parameter of its own.
    """
    children = list(module.children())
    is_list = isinstance(module, (nn.ModuleList, nn.Sequential))
    holds_list = any(isinstance(inner, (nn.ModuleList, nn.Sequential)) for inner in module.modules())
    if next(module.parameters(recurse=False), None) is None and children and (is_list or holds_list):
        return [part for child in children for part in parts_in_order(child)]
    return [module] if next(module.parameters(), None) is not None else []


def library(name: str, extra: str, backbone: str) -> ModuleType:
    """The library that a backbone comes from.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingExtraError(extra, f"the backbone {backbone} (it lacks {name})") from error


def three(values: Any) -> tuple[float, float, float]:
    """A number for each channel, of a list of three or of one number for all."""
    red, green, blue = values if isinstance(values, (list, tuple)) else (values,) * 3
    return float(red), float(green), float(blue)
