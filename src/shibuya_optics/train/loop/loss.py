"""The loss of a batch whose photos may be mixed in pairs: of products, and of their kinds."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from shibuya_optics.train.recipe import FinetuneOptions


def kind_logits(logits: Tensor, kinds: Tensor) -> Tensor:
    """Logits of kinds, `(batch, kinds)`: of each kind the log of the sum of its products' exponentials.

    Their softmax is the sum of the products' probabilities.

    Args:
        logits: of products `(batch, products)`.
        kinds: int64 `(products,)`, the kind of each product; every kind has a product.
    """
    columns = [torch.logsumexp(logits[:, kinds == kind], dim=1) for kind in range(int(kinds.max()) + 1)]
    return torch.stack(columns, dim=1)


def classification_loss(
    logits: Tensor, classes: Tensor, kinds: Tensor, scale: Tensor, options: FinetuneOptions
) -> Tensor:
    """Cross-entropy with label smoothing, a scalar; with the margin, and the loss of kinds, where the options ask for it.

    The margin is that of Wang et al., "CosFace", 2018 (arXiv 1801.09414): it is taken off the true product's cosine.

    Args:
        logits: scale * cosine, `(batch, products)`.
        classes: int64 `(batch,)`.
        kinds: int64 `(products,)`, the kind of each product.
        scale: the head's, a scalar.
        options: label_smoothing, margin, kind_weight.
    """
    if options.margin:
        truth = functional.one_hot(classes, logits.shape[1]).to(logits.dtype)
        logits = logits - scale.detach() * options.margin * truth
    loss = functional.cross_entropy(logits, classes, label_smoothing=options.label_smoothing)
    if options.kind_weight:
        of_kinds = functional.cross_entropy(
            kind_logits(logits, kinds), kinds[classes], label_smoothing=options.label_smoothing
        )
        loss = loss + options.kind_weight * of_kinds
    return loss
