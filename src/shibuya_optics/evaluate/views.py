"""Test-time views: a photo is looked at through several windows, and what they tell is averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.right import Right, as_known, right_of
from shibuya_optics.photo import PhotoSource, read_photo
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.answer.fusing import look_alone
from shibuya_optics.recognise.catalogue.catalogue import cosines
from shibuya_optics.senses import Look

BATCH = 16


@dataclass(frozen=True)
class View:
    """A square window of a photo, in units of the window that the input contract takes.

    Attributes:
        side: 1 is as long as the contract's; a longer one sees more, at most the photo's whole short side.
        right, down: how far its middle lies from the photo's; the window stays inside the photo.
    """

    side: float = 1.0
    right: float = 0.0
    down: float = 0.0

    def square(self, photo: Pixels, contract: InputContract) -> Pixels:
        """What the network sees through it: `uint8 (height, width, 3)` to `uint8 (size, size, 3)`, RGB.

        Raises:
            ContractError: the array is not a photo.
        """
        if self == View():
            return contract.square(photo)
        height, width = photo.shape[:2]
        unit = min(height, width) * contract.size / contract.resize
        side = min(round(unit * self.side), height, width)
        left = round(min(max((width - side) / 2 + self.right * unit, 0), width - side))
        top = round(min(max((height - side) / 2 + self.down * unit, 0), height - side))
        return whole(contract).square(photo[top : top + side, left : left + side])


# Chosen on the validation photos of Grocery Store: the own window and the whole short side together were best there; what
# follows, nearer windows, in the middle and to all sides, kept to that and no more.
VIEWS: tuple[View, ...] = (
    View(),
    View(side=2),
    View(side=6 / 7),
    View(side=6 / 7, right=-0.08),
    View(side=6 / 7, right=0.08),
    View(side=6 / 7, down=-0.08),
    View(side=6 / 7, down=0.08),
)


def whole(contract: InputContract) -> InputContract:
    """The contract of photos that are seen to their edges, which squares of views are."""
    return replace(contract, resize=contract.size)


def fixed_views(count: int) -> tuple[View, ...]:
    """The first `count` views; the first of all is the contract's own.

    Raises:
        InputError: there are not so many.
    """
    if not 1 <= count <= len(VIEWS):
        raise InputError(f"{count} views: give 1 to {len(VIEWS)}.")
    return VIEWS[:count]


def averaged(bundle: Bundle, photos: Iterable[PhotoSource], views: Sequence[View]) -> NDArray[np.float32]:
    """The direction of the mean of what the network sees through each view: unit rows, `(photos, d)`.

    Raises:
        PhotoError: a photo cannot be read.
        DamagedBundleError: the bundle's network cannot be run.
    """
    look = Look(bundle.embedder, whole(bundle.contract))
    rows = [np.empty((0, look.embedding_size), np.float32)]
    waiting = iter(photos)
    while taken := list(islice(waiting, BATCH)):
        seen = [read_photo(photo, short_side=bundle.contract.resize) for photo in taken]
        through = [look.vectors([view.square(photo, bundle.contract) for photo in seen]) for view in views]
        sums = np.sum(through, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        rows.append(sums / np.where(lengths > 0, lengths, 1))
    return np.concatenate(rows)


def judge_views(bundle: Bundle, photos: Iterable[PhotoSource], labels: Sequence[str], views: Sequence[View]) -> Right:
    """Which photos are right when each is seen through several views.

    Raises:
        InputError: there is not one label a photo.
        PhotoError: a photo cannot be read.
    """
    vectors = averaged(bundle, photos, views)
    if len(vectors) != len(labels):
        raise InputError(f"{len(vectors)} photos and {len(labels)} labels: give one label a photo.")
    known = Catalogue.of(bundle)
    truth = [as_known(label, known.tree) for label in labels]
    logits, _ = look_alone(cosines(known, vectors), np.zeros(len(vectors), np.float32), known.looks, bundle.decision)
    return right_of(logits, truth, known.tree)
