"""What answers are worth to who asked: names that are wrong, and answers that help, beside those of always naming a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.right import is_right
from shibuya_optics.evaluate.risk import SURE
from shibuya_optics.labels import is_below
from shibuya_optics.records import Answer


@dataclass(frozen=True)
class Usefulness:
    """Shares of all photos, 0 to 1, strangers among them.

    Attributes:
        photos: how many.
        wrong_names: a product was named that the photo does not show.
        useful: the product was named, or its kind.
        always_wrong, always_useful: the same of naming the best candidate whatever its confidence.
        named, kinds: a product was claimed; a kind was.
        sure: something was claimed with a confidence of 0.9 or more.
        sure_right: share of those claims that are right; None where there is none.
    """

    photos: int
    wrong_names: float
    useful: float
    always_wrong: float
    always_useful: float
    named: float
    kinds: float
    sure: float
    sure_right: float | None

    def as_json(self) -> dict[str, Any]:
        """The shares as a JSON object."""
        return asdict(self)


def usefulness(answers: Sequence[Answer], truth: Sequence[str | None]) -> Usefulness:
    """How useful answers are.

    Args:
        answers: one a photo.
        truth: the label of each photo, as `right.as_known` gives it; None for what has no label, so that any claim is wrong.

    Raises:
        InputError: there are no photos, or not one label each.
    """
    if not answers or len(answers) != len(truth):
        raise InputError(f"{len(answers)} answers and {len(truth)} labels: give one label an answer, for one or more.")
    right = claims_right(answers, truth)
    best = claims_right([_named(answer) for answer in answers], truth)
    products = np.array([answer.level == "product" for answer in answers], np.bool_)
    kinds = np.array([answer.level == "kind" for answer in answers], np.bool_)
    sure = np.array([answer.label is not None and answer.confidence >= SURE for answer in answers], np.bool_)
    return Usefulness(
        photos=len(answers),
        wrong_names=float(np.mean(products & ~right)),
        useful=float(right.mean()),
        always_wrong=float(np.mean(~best)),
        always_useful=float(best.mean()),
        named=float(products.mean()),
        kinds=float(kinds.mean()),
        sure=float(sure.mean()),
        sure_right=float(right[sure].mean()) if sure.any() else None,
    )


def claims_right(answers: Sequence[Answer | str | None], truth: Sequence[str | None]) -> NDArray[np.bool_]:
    """Whether what was claimed of each photo is its product, a variant of it, or a node above it, `(photos,)`."""
    labels = [answer.label if isinstance(answer, Answer) else answer for answer in answers]
    return np.array(
        [
            said is not None and true is not None and (is_right(said, true) or is_below(true, said))
            for said, true in zip(labels, truth, strict=True)
        ],
        np.bool_,
    )


def _named(answer: Answer) -> str | None:
    return answer.candidates[0].label if answer.candidates else None
