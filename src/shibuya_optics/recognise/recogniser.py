"""The recogniser: a bundle at work. It identifies photos, is taught products, and is saved as a bundle again."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, Lines, find_bundle, is_shipped, read_bundle, write_bundle
from shibuya_optics.contract import Pixels
from shibuya_optics.errors import BundleError, DamagedBundleError, InputError, PhotoError
from shibuya_optics.labels import LabelTree, parse_label
from shibuya_optics.labels import roll_up as rolled_up
from shibuya_optics.photo import PhotoSource, hold_photo
from shibuya_optics.recognise.answer.answer_sets import Calibration, photos_needed
from shibuya_optics.recognise.answer.answering import Answering, Scores
from shibuya_optics.recognise.answer.asking import AUTOMATIC, Asking, Effort, words_in
from shibuya_optics.recognise.catalogue import teaching
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Product
from shibuya_optics.recognise.catalogue.lexicon import lines_of
from shibuya_optics.recognise.catalogue.telling import tell
from shibuya_optics.recognise.given import Opened, opened, opened_or_error, or_raise, several
from shibuya_optics.recognise.remarks import Lesson, lesson
from shibuya_optics.recognise.why.reasons import Reasons, reasons
from shibuya_optics.records import Answer, Word
from shibuya_optics.senses import Look, Read

BATCH = 16
COVERAGE = 0.9


class Recogniser:
    """Names products in photos. Photos are paths, bytes, open files, arrays `uint8 (height, width, 3)` or PIL images.

    Args:
        bundle: what it works with; `Recogniser.open` reads one from a file.
        threads: for one look, and for one reading; None leaves it to ONNX Runtime.
        reader: what reads print; by default `Read`, whose engine is loaded when the first photo is read.
        coverage: share, between 0 and 1, of photos of known products whose answer set shall hold the true one.

    Raises:
        InputError: the coverage is out of range.
        DamagedBundleError: the bundle's network cannot be run, or does not fit its catalogue.
    """

    def __init__(
        self, bundle: Bundle, *, threads: int | None = None, reader: Read | None = None, coverage: float = COVERAGE
    ) -> None:
        photos_needed(coverage)
        self._bundle = bundle
        self._answering = Answering(Catalogue.of(bundle), bundle, coverage)
        self._look = Look(bundle.embedder, bundle.contract, threads)
        self._reader = reader or Read(threads)
        if self._look.embedding_size != bundle.embedding_size:
            raise DamagedBundleError(
                f"the bundle's embedder gives vectors of {self._look.embedding_size} numbers, its catalogue has "
                f"{bundle.embedding_size}: fetch or build it again."
            )

    @classmethod
    def open(
        cls,
        bundle: str | os.PathLike[str] | None = None,
        *,
        empty: bool = False,
        threads: int | None = None,
        reader: Read | None = None,
        coverage: float = COVERAGE,
    ) -> Recogniser:
        """A recogniser from a bundle file.

        Args:
            bundle: a path, or the name of a shipped bundle; None for the one that ships with the package.
            empty: leave out the products that the bundle knows, to begin with none.
            threads: as of the class.
            reader: as of the class.
            coverage: as of the class.

        Raises:
            BundleNotFoundError: there is none.
            NewerBundleError: it was written by a newer version of this package.
            DamagedBundleError: it is not as it was written.
        """
        path = find_bundle(bundle)
        read = read_bundle(path)
        try:
            recogniser = cls(read, threads=threads, reader=reader, coverage=coverage)
        except DamagedBundleError as error:
            raise DamagedBundleError(f"{path} is damaged: {error}") from error
        if empty:
            recogniser._know(recogniser._catalogue.emptied())
        return recogniser

    @property
    def bundle(self) -> Bundle:
        """The bundle, with what was taught and without what was forgotten."""
        return self._catalogue.into(self._bundle)

    @property
    def tree(self) -> LabelTree:
        """The label tree of the products known."""
        return self._catalogue.tree

    @property
    def calibration(self) -> Calibration:
        """What answer sets rest on."""
        return self._answering.calibration

    @property
    def coverage_warning(self) -> str | None:
        """Why there are no answer sets; None where there are."""
        try:
            self.calibration.limits(len(self.tree), self._answering.coverage)
        except InputError as error:
            return str(error)
        return None

    @property
    def barcodes(self) -> frozenset[str]:
        """The GTINs, 14 digits, that were taught."""
        return frozenset(self._catalogue.by_barcode)

    def products(self) -> tuple[Product, ...]:
        """The products known, in the order of the tree."""
        return self._catalogue.products()

    def identify(self, photo: PhotoSource, effort: Effort = AUTOMATIC) -> Answer:
        """Say what a photo shows.

        Raises:
            PhotoError: it cannot be read.
        """
        return self.identify_many([photo], effort)[0]

    def identify_many(
        self, photos: Iterable[PhotoSource], effort: Effort = AUTOMATIC, *, batch: int = BATCH
    ) -> list[Answer]:
        """Say what each photo shows, `batch` at a time. An answer's `seconds` are its share of its batch's.

        Raises:
            PhotoError: one cannot be read.
        """
        return [or_raise(answer) for answer in self.identify_each(several(photos), effort, batch=batch)]

    def identify_each(
        self, photos: Iterable[PhotoSource | PhotoError], effort: Effort = AUTOMATIC, *, batch: int = BATCH
    ) -> Iterator[Answer | PhotoError]:
        """As `identify_many`, answer by answer, and with the error in the place of the photo that has one.

        Args:
            photos: an error among them, of a photo that could not even be fetched, is handed through in its place.
            effort: which senses are used; within a limited time each photo is a batch of its own.
            batch: how many are taken from `photos` before they are looked at together.
        """
        if not math.isinf(effort.within) and effort.may_read(self._catalogue.legible):
            self._reader.warm_up()
        waiting = iter(photos)
        while taken := list(islice(waiting, batch if math.isinf(effort.within) else 1)):
            start = perf_counter()
            tried = [opened_or_error(photo, self._bundle.contract) for photo in taken]
            good = [photo for photo in tried if not isinstance(photo, PhotoError)]
            scores = self._scores(good, effort, until=start + effort.within)
            seconds = (perf_counter() - start) / max(len(good), 1)
            answers = iter(scores.answers)
            for photo in tried:
                yield photo if isinstance(photo, PhotoError) else replace(next(answers), seconds=seconds)

    def teach(
        self,
        label: str,
        photos: Iterable[PhotoSource] = (),
        *,
        words: Sequence[str] = (),
        barcodes: Sequence[str] = (),
        read: bool = True,
        roll_up: bool = True,
    ) -> Lesson:
        """Add a product, or strengthen it when it is known. Nothing changes when a photo cannot be read.

        What it gives is the product, with remarks: photos that do not look like its others, products that look the same.
        They are for a person to judge; nothing is refused.

        Args:
            label: `Dairy/Butter/Lurpak`.
            photos: 1 to 200 in all of one product; 3 to 20 from several sides serve best.
            words: lines that are printed on the pack, as in "lurpak slightly salted"; they and barcodes may stand alone.
            barcodes: EAN-8, UPC-A, EAN-13 or GTIN-14.
            read: whether the print in the photos is read and kept; it takes some hundred milliseconds a photo.
            roll_up: cut the label to three names, so that `Dairy/Butter/Lurpak/Salted` counts as
                `Dairy/Butter/Lurpak`; False keeps variants apart.

        Raises:
            LabelError: the label is not well formed.
            PhotoError: a photo cannot be read.
            TeachError: nothing to teach from, too many photos, photos in which there is nothing to learn, words without
                letters, or a barcode that is none or another product's.
        """
        label = rolled_up(parse_label(label)) if roll_up else parse_label(label)
        seen, lines = list[Pixels](), list[Lines]()
        for photo in several(photos):
            given = self._open(photo)
            seen.append(given.pixels)
            lines.append(lines_of(words_in(given.held, self._reader)) if read else ())
        before = taught = self._catalogue
        vectors = self._look.vectors(seen)
        if words or barcodes:
            taught = tell(taught, label, words, barcodes)
        if seen or not (words or barcodes):
            taught = teaching.teach(taught, label, vectors, lines)
        self._know(taught)
        return lesson(before, self._answering.likeness, label, vectors)

    def forget(self, label: str) -> None:
        """Drop a product, learned or taught; the others keep their answers.

        Raises:
            UnknownLabelError: it is not known; the message names the nearest that are.
        """
        self._know(teaching.forget(self._catalogue, label))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write what it knows as a bundle, whole or not at all.

        Raises:
            BundleError: the file cannot be written, or it is one that ships with the package.
        """
        if is_shipped(path):
            raise BundleError(f"{path} ships with the package and is not overwritten: save to a file of your own.")
        return write_bundle(self.bundle, path)

    def vectors(self, photos: Iterable[PhotoSource]) -> NDArray[np.float32]:
        """What the network sees in each photo: unit rows, float32 `(n, d)`.

        Raises:
            PhotoError: one cannot be read.
        """
        waiting = iter(several(photos))
        rows = [np.empty((0, self._look.embedding_size), np.float32)]
        while taken := list(islice(waiting, BATCH)):
            rows.append(self._look.vectors([self._open(photo).pixels for photo in taken]))
        return np.concatenate(rows)

    def explain(self, photo: PhotoSource, answer: Answer) -> Reasons:
        """Why the answer to a photo has the first candidate that it has, as far as looking goes.

        Raises:
            PhotoError: it cannot be read.
        """
        return reasons(self._catalogue, self._look, self._open(photo).pixels, answer)

    def words(self, photo: PhotoSource) -> tuple[Word, ...]:
        """The print in a photo, the most prominent first.

        Raises:
            PhotoError: it cannot be read.
        """
        return words_in(hold_photo(photo), self._reader)

    def scores(self, photos: Iterable[PhotoSource], effort: Effort = AUTOMATIC) -> Scores:
        """What the answers to photos rest on, and the answers.

        Raises:
            PhotoError: one cannot be read.
        """
        return self._scores([self._open(photo) for photo in several(photos)], effort)

    def scores_of(self, vectors: NDArray[np.float32]) -> Scores:
        """As `scores`, by looking alone, from what the network sees in each photo: unit rows `(n, d)`."""
        return self._answering.by_look(vectors)

    def _scores(self, photos: Sequence[Opened], effort: Effort, until: float = math.inf) -> Scores:
        answering = self._answering
        seen = answering.seen(self._look.vectors([photo.pixels for photo in photos]))
        ask = Asking(self._reader, self.barcodes, effort, until)
        # A doubt decides nothing where the senses were named.
        doubts = answering.in_doubt(seen) if effort.senses is None else [False] * len(photos)
        told = [ask(photo.held, doubtful=doubt) for photo, doubt in zip(photos, doubts, strict=True)]
        return answering.decided(seen, told)

    @property
    def _catalogue(self) -> Catalogue:
        return self._answering.catalogue

    def _know(self, catalogue: Catalogue) -> None:
        """From now on, answer by this catalogue."""
        self._answering = replace(self._answering, catalogue=catalogue)

    def _open(self, photo: PhotoSource) -> Opened:
        return opened(photo, self._bundle.contract)
