from __future__ import annotations

import numpy as np
import pytest
import torch

from shibuya_optics.errors import DatasetError
from shibuya_optics.train.loop.probe import fit_probe


def clusters(products: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around as many random directions as there are products, ten each."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(products, 12))
    vectors = np.repeat(centres, 10, axis=0) + rng.normal(0, 0.1, (10 * products, 12))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32), np.repeat(np.arange(products), 10)


@pytest.mark.parametrize("products", [2, 5])
def test_the_probe_tells_separate_clusters_apart(products: int) -> None:
    vectors, labels = clusters(products)
    head = fit_probe(vectors, labels, products, c=100).head()
    assert np.array_equal(head(torch.from_numpy(vectors)).argmax(dim=1).numpy(), labels)
    assert float(head.scale.detach()) > 0


def test_a_product_without_a_photo_is_refused() -> None:
    vectors, labels = clusters(3)
    with pytest.raises(DatasetError, match="there are 4 products, 1 without one .the first is class id 3"):
        fit_probe(vectors, labels, 4, c=100)


def test_one_product_is_nothing_to_learn() -> None:
    vectors, labels = clusters(1)
    with pytest.raises(DatasetError, match="two products or more"):
        fit_probe(vectors, labels, 1, c=100)
