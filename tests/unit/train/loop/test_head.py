from __future__ import annotations

import numpy as np
import torch

from shibuya_optics.train.loop.head import CosineHead


def test_logits_are_scaled_cosines() -> None:
    rng = np.random.default_rng(0)
    directions, embedding = rng.normal(size=(4, 6)), rng.normal(size=(3, 6))
    head = CosineHead(torch.tensor(directions, dtype=torch.float32), scale=12.0)
    slowly = [[12 * a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in directions] for a in embedding]
    assert np.allclose(head(torch.tensor(embedding, dtype=torch.float32)).detach().numpy(), slowly, atol=1e-4)


def test_directions_that_grew_in_training_are_still_unit_rows() -> None:
    head = CosineHead(torch.eye(3), scale=1.0)
    with torch.no_grad():
        head.directions.mul_(7.0)
    assert torch.allclose(head.unit_directions().norm(dim=1), torch.ones(3))
