"""What a run said of photos that it did not learn from, photo by photo, in one NumPy file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import RunError
from shibuya_optics.evaluate.accuracy import likeliest_kinds
from shibuya_optics.evaluate.right import is_right
from shibuya_optics.files import write_whole
from shibuya_optics.labels import LabelTree
from shibuya_optics.train.data.material import Material

_ARRAYS = {"row": "rows", "sha256": "sha256", "truth": "truth", "logits": "logits", "part": "parts", "group": "groups"}


@dataclass(frozen=True, eq=False)
class Predictions:
    """One line a photo.

    Attributes:
        products: labels; their positions are the class ids below.
        rows: int64 `(photos,)`, positions in the dataset.
        sha256: text `(photos,)`, of the photos as they were received.
        truth: int64 `(photos,)`, class ids.
        logits: float32 `(photos, products)`, scale * cosine, higher = likelier, before any temperature.
        parts: text `(photos,)`, the split (`validation`, `test`) or the fold (`fold-0`) that held the photo out.
        groups: text `(photos,)`, what each photo was taken together with; empty where that is not known.
    """

    products: tuple[str, ...]
    rows: NDArray[np.int64]
    sha256: NDArray[np.str_]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]
    parts: NDArray[np.str_]
    groups: NDArray[np.str_]

    @classmethod
    def of(cls, material: Material, rows: NDArray[np.intp], logits: NDArray[np.float32], part: str) -> Predictions:
        """Logits of rows of a dataset, which were held out as the part says; the rows' products are all learned."""
        return cls(
            products=material.tree.products,
            rows=rows.astype(np.int64),
            sha256=np.array([material.file.sha256[row] for row in rows], np.str_),
            truth=material.classes[rows],
            logits=logits.astype(np.float32),
            parts=np.full(len(rows), part),
            groups=np.array([material.file.groups[row] or "" for row in rows], np.str_),
        )

    @classmethod
    def joined(cls, several: Sequence[Predictions]) -> Predictions:
        """Predictions of the same products, one after the other; at least one."""
        columns = {name: np.concatenate([getattr(one, name) for one in several]) for name in _ARRAYS.values()}
        return cls(products=several[0].products, **columns)

    @classmethod
    def read(cls, path: Path) -> Predictions:
        """What `write` has written.

        Raises:
            RunError: there is no such file, or it does not read.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                columns = {name: stored[key] for key, name in _ARRAYS.items()}
                return cls(products=tuple(stored["products"].tolist()), **columns)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise RunError(
                f"no predictions can be read at {path} ({error}): give the folder of a whole run."
            ) from error

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all: `products`, `row`, `sha256`, `truth`, `logits`, `part`, `group`."""
        stream = io.BytesIO()
        columns = {key: getattr(self, name) for key, name in _ARRAYS.items()}
        np.savez_compressed(stream, allow_pickle=False, products=np.array(self.products, np.str_), **columns)
        write_whole(path, stream.getvalue())

    def __len__(self) -> int:
        return len(self.rows)

    def of_part(self, part: str) -> Predictions:
        """Those that a split or a fold held out."""
        return self.where(self.parts == part)

    def in_order(self) -> Predictions:
        """The same, by row."""
        return self.where(np.argsort(self.rows, kind="stable"))

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Predictions:
        """Those of some photos: bool `(photos,)`, or positions."""
        return Predictions(self.products, **{name: getattr(self, name)[chosen] for name in _ARRAYS.values()})

    @cached_property
    def best(self) -> NDArray[np.intp]:
        """Class id of the likeliest product, `(photos,)`."""
        best: NDArray[np.intp] = self.logits.argmax(axis=1)
        return best

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether the likeliest product is the true one, or a variant of it, `(photos,)`."""
        pairs = zip(self.best, self.truth, strict=True)
        return np.array([is_right(self.products[said], self.products[true]) for said, true in pairs], np.bool_)

    @cached_property
    def right_kinds(self) -> NDArray[np.bool_]:
        """Whether the kind with the largest probability together is the true one, `(photos,)`."""
        kinds = np.array(LabelTree(self.products).kind_ids)
        powers = np.exp(self.logits.astype(np.float64) - self.logits.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        right: NDArray[np.bool_] = likeliest_kinds(shares, kinds.tolist()) == kinds[self.truth]
        return right
