"""The label tree: `Dairy/Butter/Lurpak` is the product Lurpak of the kind `Dairy/Butter`.

A label is a path of names, the most general first. The last name is the product, the path before it is its kind.
Below the product there may be variants, `Dairy/Butter/Lurpak/Salted`; rolled up, they count as the product.
A label of one name, `Lurpak`, is a product without a kind.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shibuya_optics.errors import LabelError, UnknownLabelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grouped = tuple[tuple[str | None, ...], NDArray[np.intp]]

SEPARATOR = "/"
PACKAGES = "Packages"
"""The node of the label tree below which packaged products stand, where a dataset tells them apart."""
PRODUCT_DEPTH = 3
MOST_NAMES = 6
LONGEST_NAME = 80


def parse_label(text: str) -> str:
    """The label in its one written form: names trimmed, joined by `/`, letters and their accents in one (NFC).

    Raises:
        LabelError: an empty label or name, a name over 80 characters or with a character that does not print,
            or more than 6 names.
    """
    names = [" ".join(name.split()) for name in unicodedata.normalize("NFC", text).split(SEPARATOR)]
    advice = "give names joined by '/', the most general first, as in Dairy/Butter/Lurpak"
    if not all(names):
        raise LabelError(f"label {text!r} has an empty name: {advice}.")
    if len(names) > MOST_NAMES:
        raise LabelError(f"label {text!r} has {len(names)} names, at most {MOST_NAMES} are accepted: {advice}.")
    for name in names:
        if len(name) > LONGEST_NAME:
            raise LabelError(f"name {name[:20]!r}... has {len(name)} characters, at most {LONGEST_NAME} are accepted.")
        if not name.isprintable():
            raise LabelError(f"label {text!r} has a character that does not print: {advice}.")
        if name in {".", ".."}:
            raise LabelError(f"label {text!r} has the name {name!r}, which means a folder: {advice}.")
    return SEPARATOR.join(names)


def roll_up(label: str, depth: int = PRODUCT_DEPTH) -> str:
    """The label cut to `depth` names: `Dairy/Butter/Lurpak/Salted` becomes `Dairy/Butter/Lurpak`."""
    return SEPARATOR.join(label.split(SEPARATOR)[:depth])


def kind_of(label: str) -> str | None:
    """The path above the product: `Dairy/Butter` for `Dairy/Butter/Lurpak` and its variants; None for one name."""
    kind, separator, _ = roll_up(label).rpartition(SEPARATOR)
    return kind if separator else None


@dataclass(frozen=True)
class LabelTree:
    """The products that something knows, in one fixed order: their positions are the class ids.

    Raises:
        LabelError: a label is not in its written form, or stands twice.
    """

    products: tuple[str, ...]

    def __post_init__(self) -> None:
        for label in self.products:
            if parse_label(label) != label:
                raise LabelError(f"label {label!r} is not in its written form: write {parse_label(label)!r}.")
        if len(self._ids) != len(self.products):
            doubled = next(label for i, label in enumerate(self.products) if self._ids[label] != i)
            raise LabelError(f"label {doubled!r} stands twice in the label tree: keep one.")

    @classmethod
    def of(cls, labels: Iterable[str]) -> LabelTree:
        """The tree of the distinct labels, sorted."""
        return cls(tuple(sorted({parse_label(label) for label in labels})))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.products)}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The distinct kinds, sorted. A product without a kind counts as its own kind."""
        return tuple(sorted({kind_of(label) or label for label in self.products}))

    @cached_property
    def kind_ids(self) -> tuple[int, ...]:
        """For each product, in order, the position of its kind in `kinds`."""
        position = {kind: i for i, kind in enumerate(self.kinds)}
        return tuple(position[kind_of(label) or label] for label in self.products)

    @cached_property
    def rolled_up(self) -> Grouped:
        """The distinct labels without their variants, in the order in which they first occur, and each product's place there."""
        return _grouped(map(roll_up, self.products))

    @cached_property
    def kinds_above(self) -> Grouped:
        """As `rolled_up`, of the kinds; None for the products without one."""
        return _grouped(map(kind_of, self.products))

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hex, of the labels in their order: equal hashes mean equal class ids."""
        return hashlib.sha256("\n".join(self.products).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.products)

    def __contains__(self, label: object) -> bool:
        return label in self._ids

    def id_of(self, label: str) -> int:
        """The class id of a label.

        Raises:
            UnknownLabelError: the tree does not hold it; the message names the nearest labels that it holds.
        """
        if label not in self._ids:
            raise UnknownLabelError(f"no product {label!r} here{nearest_of(label, self.products)}")
        return self._ids[label]


def _grouped(names: Iterable[str | None]) -> Grouped:
    import numpy as np

    places: dict[str | None, int] = {}
    each = [places.setdefault(name, len(places)) for name in names]
    return tuple(places), np.array(each, np.intp)


def is_below(label: str, node: str) -> bool:
    """Whether a label is a node of the label tree, or stands below it."""
    return label == node or label.startswith(node + SEPARATOR)


def nodes_of(labels: Iterable[str]) -> list[str]:
    """The labels and the kinds above them, at most two names up, sorted: what an option that names a node may mean."""
    return sorted({label.rsplit(SEPARATOR, depth)[0] for label in labels for depth in range(PRODUCT_DEPTH)})


def nearest_of(wrong: str, right: Sequence[str]) -> str:
    """An ending for an error message that names what was probably meant: `: did you mean 'a' or 'b'?`, or `.`."""
    import difflib

    folded: dict[str, str] = {}
    for name in right:
        folded.setdefault(name.lower(), name)
        folded.setdefault(name.rpartition(SEPARATOR)[2].lower(), name)
    near = difflib.get_close_matches(wrong.lower(), list(folded), n=3, cutoff=0.6)
    names = list(dict.fromkeys(folded[name] for name in near))
    return f": did you mean {' or '.join(map(repr, names))}?" if names else "."
