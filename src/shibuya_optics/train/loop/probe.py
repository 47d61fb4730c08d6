"""The linear probe: what the frozen network's vectors already tell, and a head to start the fine-tune from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from shibuya_optics.errors import DatasetError

if TYPE_CHECKING:
    # A frozen network's probe needs no PyTorch.
    from torch import Tensor, nn
    from torch.utils.data import DataLoader

    from shibuya_optics.train.loop.head import CosineHead


def embed(network: nn.Module, batches: DataLoader[tuple[Tensor, int]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit vectors `float32 (photos, embedding_size)` and class ids `int64 (photos,)` of all photos of a loader."""
    import torch
    from torch.nn import functional

    network.float().eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent from its stub
    device = next(network.parameters()).device
    vectors, labels = [], []
    for images, classes in batches:
        shaped = images.to(device, memory_format=torch.channels_last)
        with torch.no_grad():
            vectors.append(functional.normalize(network(shaped), dim=1).cpu().numpy())
        labels.append(np.asarray(classes))
    return np.concatenate(vectors), np.concatenate(labels).astype(np.int64)


class Probe(NamedTuple):
    """What the probe found: a direction a product, float32 `(products, embedding_size)`, of any length; and a scale."""

    directions: NDArray[np.float32]
    scale: float

    def head(self) -> CosineHead:
        """The head that the fine-tune starts from; the same numbers give the same head, to the last bit."""
        import torch

        from shibuya_optics.train.loop.head import CosineHead

        return CosineHead(torch.from_numpy(self.directions), self.scale)


def fit_probe(vectors: NDArray[np.float32], labels: NDArray[np.int64], products: int, c: float) -> Probe:
    """Logistic regression without intercept, its rows taken as the products' directions.

    Args:
        vectors: unit vectors `(photos, embedding_size)`.
        labels: class ids `(photos,)`; every product has at least one photo.
        products: number of products.
        c: inverse regularisation strength, above 0.

    Raises:
        DatasetError: fewer than two products, or a product without a training photo.
    """
    missing = sorted(set(range(products)) - set(labels.tolist()))
    if products < 2 or missing:
        raise DatasetError(
            f"training needs two products or more with a training photo each: there are {products} products, "
            f"{len(missing)} without one{f' (the first is class id {missing[0]})' if missing else ''}."
        )
    fitted = LogisticRegression(C=c, fit_intercept=False, max_iter=2000).fit(vectors, labels)
    rows = np.concatenate([-fitted.coef_, fitted.coef_]) / 2 if products == 2 else fitted.coef_
    scale = float(np.linalg.norm(rows, axis=1).mean())
    return Probe(rows.astype(np.float32), scale)
