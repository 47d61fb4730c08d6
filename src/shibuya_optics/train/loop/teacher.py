"""The generation before, as the teacher of the next."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Teacher:
    """A trained network that says what it sees in the views that another one learns from, and learns nothing itself.

    It is shown the very views, mixed as they are: Beyer et al., "Knowledge distillation: A good teacher is patient and
    consistent", 2022 (arXiv 2106.05237). That a network learns more from its like than that one knew: Furlanello et al.,
    "Born-Again Neural Networks", 2018 (arXiv 1805.04770).
    """

    def __init__(self, network: nn.Module) -> None:
        """`network`: images to logits `(batch, products)`; it is frozen from here on."""
        self._network = network.eval().requires_grad_(requires_grad=False)

    @torch.no_grad()
    def shares(self, images: Tensor) -> Tensor:
        """`float32 (batch, 3, size, size)` to its probabilities of each product, `(batch, products)`."""
        logits: Tensor = self._network.to(images.device)(images.contiguous(memory_format=torch.channels_last))
        return logits.float().softmax(dim=1)
