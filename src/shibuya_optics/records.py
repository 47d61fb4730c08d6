"""The frozen records that cross rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from shibuya_optics.errors import LibraryError

Level = Literal["product", "kind", "none"]
Sense = Literal["look", "read", "scan"]
SENSES: tuple[Sense, ...] = ("look", "read", "scan")
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
MOST_FOLDS = 127


Point = tuple[float, float]
SPEAKS_FROM = 0.05
Box = tuple[Point, Point, Point, Point]


def printable(text: str) -> str:
    """Text as one line: what does not print becomes a space, and several spaces one."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


@dataclass(frozen=True, slots=True)
class Word:
    """One line of print in a photo.

    Attributes:
        text: as it was read; one line, of characters that print.
        confidence: of the reading, 0 to 1.
        box: corners `(x, y)`, clockwise from the first letter's top, as shares, 0 to 1, of the photo's width and height.
        says: how much it speaks for the answer, 0 (nothing) to 1.
    """

    text: str
    confidence: float
    box: Box
    says: float = 0.0

    @property
    def speaks(self) -> bool:
        """Whether it speaks for the answer by more than chance."""
        return self.says >= SPEAKS_FROM


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode in a photo.

    Attributes:
        text: what it says; characters that do not print are left out.
        format: `EAN-13`, `QR Code`...
        gtin: the trade item number in it, 14 digits; None where it has none.
        box: as `Word.box`.
    """

    text: str
    format: str
    gtin: str | None
    box: Box

    def __str__(self) -> str:
        """What people are shown of it: `EAN-13 5740900836006`."""
        return f"{self.format} {self.text}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One product that a photo may show. `confidence`: probability, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a recogniser says of one photo.

    Attributes:
        label: the deepest node of the label tree that it claims; None when it claims nothing.
        level: `product`, `kind` (it knows the kind, and not which product), or `none`.
        confidence: probability, 0 to 1, that `label` is right; 0 where `label` is None.
        known: False when nothing it was taught looks like this photo.
        candidates: products, the most likely first.
        seconds: from the photo's bytes to this answer.
        senses: those that were used, in their order: `look`, `read`, `scan`.
        words: what was read, with how much each line speaks for the answer's first candidate; the loudest first.
        barcodes: all that were seen.
        answer_set: products, the most likely first, that hold the true one with the coverage that was asked for, as long as the
            photo shows a product that is known; empty where too few photos are known to promise that.
    """

    label: str | None
    level: Level
    confidence: float
    known: bool
    candidates: tuple[Candidate, ...]
    seconds: float
    senses: tuple[Sense, ...] = ("look",)
    words: tuple[Word, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    answer_set: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One line of a photo library's manifest: what a photo shows, and where it comes from.

    `sha256` is of the bytes as received. `origin` is `own`, `web` or `public:<set>`. `group` names what was taken
    together (a shoot, a burst, a source page) and must not straddle a split. `split` is set for a public set that
    comes with an official split, `fold` (from 0) for one with official folds: it is the one that holds the photo out. Times are ISO 8601 with a zone. `width` and `height` are pixels, upright.
    """

    sha256: str
    label: str
    origin: str
    width: int
    height: int
    collected_at: str
    source: str | None = None
    page_url: str | None = None
    image_url: str | None = None
    creator: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    query: str | None = None
    taken_at: str | None = None
    group: str | None = None
    split: Split | None = None
    fold: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object, without the fields that are not known."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Photo:
        """The record of a manifest line; fields of a newer version are left aside.

        Raises:
            LibraryError: a field that every photo has is missing.
        """
        known = {field.name for field in fields(cls)}
        try:
            return cls(**{key: value for key, value in line.items() if key in known})
        except TypeError as error:
            raise LibraryError(f"a manifest line lacks a field ({error}): {dict(line)!r}.") from error
