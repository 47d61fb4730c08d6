"""What a cross-validation comes to: each fold, their mean and spread, and all photos pooled."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.evaluate.accuracy import wilson_interval
from shibuya_optics.evaluate.confusion import confusion_matrix, worst_confusions
from shibuya_optics.train.runs.predictions import Predictions

MOST_CONFUSIONS = 10


@dataclass(frozen=True)
class FoldAccuracy:
    """One fold: how many photos were learned from, held-out photos, and the shares, 0 to 1, that were right.

    Attributes:
        copies: photos elsewhere in the dataset, byte for byte those held out; they were not learned from.
    """

    fold: int
    learned: int
    copies: int
    photos: int
    accuracy: float
    accuracy_kind: float


def fold_accuracy(fold: int, learned: int, copies: int, held_out: Predictions) -> FoldAccuracy:
    """A fold's line; `held_out` are the predictions of its photos."""
    return FoldAccuracy(
        fold, learned, copies, len(held_out), float(held_out.right.mean()), float(held_out.right_kinds.mean())
    )


def summary(folds: list[FoldAccuracy], predictions: Predictions, copied: NDArray[np.bool_]) -> dict[str, Any]:
    """The numbers of a cross-validation, as a JSON object.

    `mean` and `sd` (of the sample) are over folds; `pooled` is over photos, with its Wilson interval. `without_copies` are
    the photos whose bytes stand in the dataset once.

    Args:
        folds: their lines, two or more.
        predictions: out of fold, of all folds.
        copied: whether a photo's bytes stand in the dataset more than once, `(photos,)`, in the predictions' order.
    """
    document: dict[str, Any] = {"folds": [asdict(fold) for fold in folds]}
    for measure in ("accuracy", "accuracy_kind"):
        values = [getattr(fold, measure) for fold in folds]
        document[measure] = {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
    document["pooled"] = _pooled(predictions)
    document["without_copies"] = _pooled(predictions.where(~copied))
    matrix = confusion_matrix(predictions.truth, predictions.best, len(predictions.products))
    worst = worst_confusions(matrix, predictions.products, MOST_CONFUSIONS)
    document["confusions"] = [confusion.as_json() for confusion in worst]
    return document


def _pooled(predictions: Predictions) -> dict[str, Any]:
    if not len(predictions):
        return {"photos": 0}
    right = predictions.right
    return {
        "photos": len(right),
        "accuracy": float(right.mean()),
        "interval95": list(wilson_interval(int(right.sum()), len(right))),
        "accuracy_kind": float(predictions.right_kinds.mean()),
    }
