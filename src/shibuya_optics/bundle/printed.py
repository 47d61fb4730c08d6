"""What is known to be printed on a product's packs: lines read from photos, words and barcodes that a person has told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shibuya_optics.errors import BundleError

Line = tuple[str, float]
Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed on the packs of one product.

    Attributes:
        read: for each photo that it was taught from and in which print was read, the lines and their weights, 0 to 1: how
            surely a line was read, and how much it stands out.
        told: lines that a person says are on the pack.
        barcodes: GTINs of 14 digits.

    Raises:
        BundleError: a weight is out of range, a text is not one line of print, or a barcode is no GTIN.
    """

    read: tuple[Lines, ...] = ()
    told: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = [line for photo in self.read for line in photo]
        texts = [*(text for text, _ in lines), *self.told]
        if not all(isinstance(text, str) and text and text.isprintable() for text in texts):
            raise BundleError("words of a pack are not each a line of print.")
        if not all(isinstance(weight, (int, float)) and 0 <= weight <= 1 for _, weight in lines):
            raise BundleError("weights of words of a pack are not all 0 to 1.")
        if not all(isinstance(code, str) and len(code) == 14 and code.isdecimal() for code in self.barcodes):
            raise BundleError("barcodes of a pack are not all GTINs of 14 digits.")

    @property
    def legible(self) -> bool:
        """Whether any words of it are known."""
        return bool(self.read or self.told)

    def __bool__(self) -> bool:
        return bool(self.read or self.told or self.barcodes)


def printed_as_json(printed: Mapping[str, Printed]) -> bytes:
    """A JSON object, label to `read`, `told` and `barcodes`; labels sorted, one a line."""
    entries = [
        f"{json.dumps(label, ensure_ascii=False)}: "
        + json.dumps({"read": p.read, "told": p.told, "barcodes": p.barcodes}, ensure_ascii=False, allow_nan=False)
        for label, p in sorted(printed.items())
        if p
    ]
    return ("{\n" + ",\n".join(entries) + "\n}\n").encode()


def printed_from_json(text: bytes) -> dict[str, Printed]:
    """What `printed_as_json` gave.

    Raises:
        BundleError, KeyError, TypeError, ValueError: it is something else.
    """
    stored: dict[str, dict[str, Any]] = json.loads(text)
    if not isinstance(stored, dict):
        raise BundleError("what is printed on packs is no JSON object.")
    return {
        label: Printed(
            read=tuple(tuple((line, weight) for line, weight in photo) for photo in entry["read"]),
            told=tuple(entry["told"]),
            barcodes=tuple(entry["barcodes"]),
        )
        for label, entry in stored.items()
    }
