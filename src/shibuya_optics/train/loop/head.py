"""The head: products as directions. A product learned by training and one taught later are the same kind of thing."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class CosineHead(nn.Module):
    """Logits = scale * cosine between the embedding and each product's direction.

    Source: Gidaris and Komodakis, "Dynamic Few-Shot Visual Learning without Forgetting", 2018 (arXiv 1804.09458);
    Qi, Brown, Lowe, "Low-Shot Learning with Imprinted Weights", 2018 (arXiv 1712.07136).
    """

    def __init__(self, directions: Tensor, scale: float) -> None:
        """`directions`: `(products, embedding_size)`, of any length; `scale`: above 0, learned further."""
        super().__init__()
        self.directions = nn.Parameter(functional.normalize(directions, dim=1))
        self.log_scale = nn.Parameter(torch.tensor(float(scale)).log())

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied by, a scalar above 0."""
        return self.log_scale.exp()

    def unit_directions(self) -> Tensor:
        """The products' directions at length 1: `(products, embedding_size)`."""
        return functional.normalize(self.directions, dim=1)

    def forward(self, embedding: Tensor) -> Tensor:
        """`(batch, embedding_size)`, of any length, to logits `(batch, products)`."""
        cosines = functional.normalize(embedding, dim=1) @ self.unit_directions().T
        return self.scale * cosines
