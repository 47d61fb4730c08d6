"""What a report is made of: the judgement, what is known of the photos, and pictures of the worst confusions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement
from shibuya_optics.evaluate.robustness import Robust
from shibuya_optics.labels import LabelTree


class Pictures(NamedTuple):
    """Of a confusion, JPEG bytes: a photo that was mistaken, and one of the product it was taken for, if there is one."""

    mistaken: bytes
    taken_for: bytes | None


@dataclass(frozen=True, eq=False)
class Judged:
    """What was judged, of `n` photos in one order.

    Attributes:
        document: what `--json` prints: bundle, dataset hash, split, and the judgement.
        tree: the products of the bundle.
        truth: the true label of each photo, as `right.as_known` gives it, `(n,)`.
        origins: `own`, `web` or `public:<set>`, `(n,)`.
        groups: what each was taken together with, None where that is not known, `(n,)`.
        judgement: of the photos, with their scores.
        strange: of strangers, if there were any.
        robustness: of degraded photos, where that was asked for.
        pictures: of the worst confusions, by true label and label said.

    Raises:
        InputError: there is not one label, origin and group a photo.
    """

    document: Mapping[str, Any]
    tree: LabelTree
    truth: tuple[str, ...]
    origins: tuple[str, ...]
    groups: tuple[str | None, ...]
    judgement: Judgement
    strange: UnknownJudgement | None = None
    robustness: tuple[Robust, ...] = ()
    pictures: Mapping[tuple[str, str], Pictures] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = len(self.truth), len(self.origins), len(self.groups)
        if set(lengths) != {self.judgement.photos}:
            raise InputError(
                f"{self.judgement.photos} photos and {lengths} labels, origins and groups: give one of each a photo."
            )

    @cached_property
    def best(self) -> NDArray[np.intp]:
        """The best candidate of each photo, a class id, `(n,)`."""
        best: NDArray[np.intp] = np.argmax(self.judgement.scores.logits, axis=1)
        return best

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The label of the best candidate of each photo, `(n,)`."""
        return tuple(self.tree.products[i] for i in self.best)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The confidence of the best candidate of each photo, 0 to 1, `(n,)`."""
        each: NDArray[np.float32] = self.judgement.scores.confidences[np.arange(len(self.best)), self.best]
        return each

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the best candidate of each photo is the true product, `(n,)`."""
        return self.judgement.right.products
