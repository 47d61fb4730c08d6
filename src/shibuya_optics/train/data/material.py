"""What a training run learns from: which photos of a dataset, under which class ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, RecipeError
from shibuya_optics.labels import LabelTree, is_below, nearest_of, nodes_of

LEFT_OUT = -1


@dataclass(frozen=True, eq=False)
class Material:
    """Photos to learn from and to validate on.

    Attributes:
        file: the dataset.
        tree: the products to learn.
        classes: int64 `(photos of the file,)`, positions in `tree.products`; -1 for photos of other products.
        training, validation: rows of the file; either may be empty, and none of them is left out.
    """

    file: PantryFile
    tree: LabelTree
    classes: NDArray[np.int64]
    training: NDArray[np.intp]
    validation: NDArray[np.intp]

    @classmethod
    def of_splits(cls, file: PantryFile, leave_out: Sequence[str] = (), origins: Sequence[str] = ()) -> Material:
        """The dataset's train and validation splits.

        Raises:
            RecipeError: a label to leave out, or an origin, is not in the dataset.
            DatasetError: a split has no photos.
        """
        for split in ("train", "validation"):
            if not len(file.rows(split)):
                raise DatasetError(f"{file.path} has no {split} photos: pack a library that has them.")
        return cls.of_rows(file, file.rows("train"), file.rows("validation"), leave_out, origins)

    @classmethod
    def of_fold(
        cls, file: PantryFile, fold: int, leave_out: Sequence[str] = (), origins: Sequence[str] = ()
    ) -> Material:
        """What is learned when one fold is held out, by `PantryFile.fold_rows`; no validation.

        Raises:
            RecipeError: a label to leave out, or an origin, is not in the dataset.
            DatasetError: the dataset has no such fold.
        """
        return cls.of_rows(file, file.fold_rows(fold).learned, np.empty(0, np.intp), leave_out, origins)

    @classmethod
    def of_rows(
        cls,
        file: PantryFile,
        training: NDArray[np.intp],
        validation: NDArray[np.intp],
        leave_out: Sequence[str] = (),
        origins: Sequence[str] = (),
    ) -> Material:
        """Rows as they are given, less those of labels that are left out.

        Args:
            file: the dataset.
            training: rows of it to train on.
            validation: rows of it to validate on.
            leave_out: labels and kinds that are not learned.
            origins: where photos to train on come from; none = anywhere.

        Raises:
            RecipeError: a label to leave out, or an origin, is not in the dataset.
        """
        if origins:
            training = training[_from(file, origins)[training]]
        kept = _kept(file.tree, leave_out)
        tree = LabelTree(tuple(label for label, stays in zip(file.tree.products, kept, strict=True) if stays))
        ids = np.where(kept, np.cumsum(kept) - 1, LEFT_OUT)
        classes = ids[file.labels].astype(np.int64)
        return cls(file, tree, classes, _known(training, classes), _known(validation, classes))

    def known(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of the rows whose products are learned."""
        return _known(rows, self.classes)


def _known(rows: NDArray[np.intp], classes: NDArray[np.int64]) -> NDArray[np.intp]:
    kept: NDArray[np.intp] = rows[classes[rows] != LEFT_OUT]
    return kept


def _from(file: PantryFile, origins: Sequence[str]) -> NDArray[np.bool_]:
    present = sorted(set(file.origins))
    for origin in origins:
        if origin not in present:
            raise RecipeError(f"origins: the dataset has no photos of origin {origin!r}; it has {', '.join(present)}.")
    return np.isin(file.origins, origins)


def _kept(tree: LabelTree, leave_out: Sequence[str]) -> NDArray[np.bool_]:
    kept = np.ones(len(tree), np.bool_)
    for node in leave_out:
        below = np.array([is_below(label, node) for label in tree.products], np.bool_)
        if not below.any():
            raise RecipeError(f"leave_out: the dataset has no {node!r}{nearest_of(node, nodes_of(tree.products))}")
        kept &= ~below
    return kept
