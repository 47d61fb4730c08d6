"""Which of the slower senses a photo is asked of, and what they tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.photo import HeldPhoto
from shibuya_optics.records import SENSES, Barcode, Sense, Word
from shibuya_optics.senses import READ_SIDE, SCAN_SIDE, Read, scan


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for an answer.

    Attributes:
        senses: exactly those that are used; None to look first, and to read and scan where that can help: where the look
            leaves a doubt and print is known of the products in question, or where barcodes were taught.
        within: seconds a photo may take; the slow senses are not begun, or stop, where they would take longer. Looking
            is always done. Loading what reads is not part of it, and is done before the first photo.

    Raises:
        InputError: a sense is not known, looking is not among them, or the time is not above 0.
    """

    senses: tuple[Sense, ...] | None = None
    within: float = math.inf

    def __post_init__(self) -> None:
        if self.senses is not None and not {"look"} <= set(self.senses) <= set(SENSES):
            raise InputError(f"senses {', '.join(self.senses) or 'none'}: give look, and with it read, scan, or both.")
        if not self.within > 0:
            raise InputError(f"{self.within} seconds a photo: give more than 0.")

    def asks_for(self, sense: Sense) -> bool:
        """Whether a sense is used in any case."""
        return self.senses is not None and sense in self.senses

    def may_read(self, legible: NDArray[np.bool_]) -> bool:
        """Whether any photo may be read, where print is known of some products `(products,)`."""
        return self.asks_for("read") or (self.allows("read") and bool(legible.any()))

    def allows(self, sense: Sense) -> bool:
        """Whether a sense is used where it can help."""
        return self.senses is None or sense in self.senses


AUTOMATIC = Effort()
LOOK_ALONE = Effort(("look",))


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the slower senses tell of one photo; None where they were not asked."""

    words: tuple[Word, ...] | None = None
    barcodes: tuple[Barcode, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """Asks the slower senses of photos.

    Attributes:
        reader: what reads.
        taught: the GTINs that were taught.
        effort: which senses are used.
        until: `time.perf_counter()` at which they stop, or are not begun.
    """

    reader: Read
    taught: frozenset[str]
    effort: Effort
    until: float

    def __call__(self, photo: HeldPhoto, *, doubtful: bool) -> Told:
        """Scan, and read, where that is asked for, or can help and is allowed; a barcode that was taught saves reading.

        Args:
            photo: decoded anew, at the size that a sense needs.
            doubtful: whether its look leaves a doubt that print could settle.

        Raises:
            PhotoError: it cannot be decoded.
        """
        barcodes = words = None
        if self._wants("scan", helps=doubtful or bool(self.taught)):
            barcodes = scan(photo.pixels(SCAN_SIDE))
        settled = any(code.gtin in self.taught for code in barcodes or ())
        if self._wants("read", helps=doubtful and not settled) and self.reader.in_time(self.until):
            words = words_in(photo, self.reader, self.until)
        return Told(words, barcodes)

    def _wants(self, sense: Sense, *, helps: bool) -> bool:
        wanted = self.effort.asks_for(sense) or (self.effort.allows(sense) and helps)
        return wanted and perf_counter() < self.until


def words_in(photo: HeldPhoto, reader: Read, until: float = math.inf) -> tuple[Word, ...]:
    """The print in a photo, the most prominent first.

    Raises:
        PhotoError: it cannot be decoded.
    """
    return reader.words(photo.pixels(READ_SIDE), until=until)
