"""The recogniser: a bundle at work. It identifies photos, is taught products, and is saved as a bundle again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, find_bundle, is_shipped, read_bundle, write_bundle
from shibuya_optics.contract import Pixels
from shibuya_optics.errors import BundleError, DamagedBundleError, PhotoError
from shibuya_optics.labels import LabelTree, parse_label
from shibuya_optics.labels import roll_up as rolled_up
from shibuya_optics.photo import PhotoSource, read_photo
from shibuya_optics.recognise import catalogue as catalogues
from shibuya_optics.recognise.catalogue import Catalogue, Product
from shibuya_optics.recognise.decide import confidences, decide
from shibuya_optics.recognise.familiar import familiarity, handicaps
from shibuya_optics.records import Answer
from shibuya_optics.senses import Look

BATCH = 16


@dataclass(frozen=True, eq=False)
class Scores:
    """What `n` photos' answers rest on, for measuring.

    Attributes:
        cosines: -1 to 1, `(n, products)`.
        familiarity: `(n,)`, higher = better known, handicaps of taught products taken off.
        confidences: 0 to 1, `(n, products)`; a row adds up to the trust that the photo shows any product.
        answers: what is said of each photo; their `seconds` are 0.
    """

    cosines: NDArray[np.float32]
    familiarity: NDArray[np.float32]
    confidences: NDArray[np.float32]
    answers: tuple[Answer, ...]


class Recogniser:
    """Names products in photos. Photos are paths, bytes, open files, arrays `uint8 (height, width, 3)` or PIL images.

    Args:
        bundle: what it works with; `Recogniser.open` reads one from a file.
        threads: for one look; None leaves it to ONNX Runtime.

    Raises:
        DamagedBundleError: the bundle's network cannot be run, or does not fit its catalogue.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self._bundle = bundle
        self._catalogue = Catalogue.of(bundle)
        self._handicaps: tuple[Catalogue, NDArray[np.float32]] | None = None
        self._look = Look(bundle.embedder, bundle.contract, threads)
        if self._look.embedding_size != bundle.embedding_size:
            raise DamagedBundleError(
                f"the bundle's embedder gives vectors of {self._look.embedding_size} numbers, its catalogue has "
                f"{bundle.embedding_size}: fetch or build it again."
            )

    @classmethod
    def open(
        cls, bundle: str | os.PathLike[str] | None = None, *, empty: bool = False, threads: int | None = None
    ) -> Recogniser:
        """A recogniser from a bundle file.

        Args:
            bundle: a path, or the name of a shipped bundle; None for the one that ships with the package.
            empty: leave out the products that the bundle knows, to begin with none.
            threads: for one look; None leaves it to ONNX Runtime.

        Raises:
            BundleNotFoundError: there is none.
            NewerBundleError: it was written by a newer version of this package.
            DamagedBundleError: it is not as it was written.
        """
        path = find_bundle(bundle)
        read = read_bundle(path)
        try:
            recogniser = cls(read, threads=threads)
        except DamagedBundleError as error:
            raise DamagedBundleError(f"{path} is damaged: {error}") from error
        if empty:
            recogniser._catalogue = recogniser._catalogue.emptied()
        return recogniser

    @property
    def bundle(self) -> Bundle:
        """The bundle, with what was taught and without what was forgotten."""
        return self._catalogue.into(self._bundle)

    @property
    def tree(self) -> LabelTree:
        """The label tree of the products known."""
        return self._catalogue.tree

    def products(self) -> tuple[Product, ...]:
        """The products known, in the order of the tree."""
        return self._catalogue.products()

    def identify(self, photo: PhotoSource) -> Answer:
        """Say what a photo shows.

        Raises:
            PhotoError: it cannot be read.
        """
        return self.identify_many([photo])[0]

    def identify_many(self, photos: Iterable[PhotoSource], *, batch: int = BATCH) -> list[Answer]:
        """Say what each photo shows, `batch` at a time. An answer's `seconds` are its share of its batch's.

        Raises:
            PhotoError: one cannot be read.
        """
        return [_or_raise(answer) for answer in self.identify_each(_several(photos), batch=batch)]

    def identify_each(
        self, photos: Iterable[PhotoSource | PhotoError], *, batch: int = BATCH
    ) -> Iterator[Answer | PhotoError]:
        """As `identify_many`, answer by answer, and with the error in the place of the photo that has one.

        Args:
            photos: an error among them, of a photo that could not even be fetched, is handed through in its place.
            batch: how many are taken from `photos` before they are looked at together.
        """
        waiting = iter(photos)
        while taken := list(islice(waiting, batch)):
            start = perf_counter()
            read = [self._read_or_error(photo) for photo in taken]
            good = [photo for photo in read if not isinstance(photo, PhotoError)]
            cosines, known = self._likeness(self._look.vectors(good))
            seconds = (perf_counter() - start) / max(len(good), 1)
            answers = iter(decide(cosines, known, self._bundle.decision, self.tree, seconds))
            for photo in read:
                yield photo if isinstance(photo, PhotoError) else next(answers)

    def teach(self, label: str, photos: Iterable[PhotoSource], *, roll_up: bool = True) -> Product:
        """Add a product, or strengthen it when it is known. Nothing changes when a photo cannot be read.

        Args:
            label: `Dairy/Butter/Lurpak`.
            photos: 1 to 200 in all of one product; 3 to 20 from several sides serve best.
            roll_up: cut the label to three names, so that `Dairy/Butter/Lurpak/Salted` counts as
                `Dairy/Butter/Lurpak`; False keeps variants apart.

        Raises:
            LabelError: the label is not well formed.
            PhotoError: a photo cannot be read.
            TeachError: no photos, too many, or photos in which there is nothing to learn.
        """
        label = rolled_up(parse_label(label)) if roll_up else parse_label(label)
        self._catalogue = catalogues.teach(self._catalogue, label, self.vectors(photos))
        return self.products()[self.tree.id_of(label)]

    def forget(self, label: str) -> None:
        """Drop a product, learned or taught; the others keep their answers.

        Raises:
            UnknownLabelError: it is not known; the message names the nearest that are.
        """
        self._catalogue = catalogues.forget(self._catalogue, label)

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
        waiting = iter(_several(photos))
        rows = [np.empty((0, self._look.embedding_size), np.float32)]
        while taken := list(islice(waiting, BATCH)):
            rows.append(self._look.vectors([self._read(photo) for photo in taken]))
        return np.concatenate(rows)

    def scores(self, photos: Iterable[PhotoSource]) -> Scores:
        """What the answers to photos rest on, and the answers.

        Raises:
            PhotoError: one cannot be read.
        """
        return self.scores_of(self.vectors(photos))

    def scores_of(self, vectors: NDArray[np.float32]) -> Scores:
        """As `scores`, from what the network sees in each photo: unit rows `(n, d)`, as `vectors` gives them."""
        cosines, known = self._likeness(vectors)
        decision = self._bundle.decision
        answers = tuple(decide(cosines, known, decision, self.tree))
        return Scores(cosines, known, confidences(cosines, known, decision), answers)

    def _likeness(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        known = self._catalogue
        if self._handicaps is None or self._handicaps[0] is not known:
            self._handicaps = known, handicaps(known, self._bundle.decision.known_midpoint)
        return catalogues.cosines(known, vectors), familiarity(known, vectors, self._handicaps[1])

    def _read(self, photo: PhotoSource) -> Pixels:
        return read_photo(photo, short_side=self._bundle.contract.resize)

    def _read_or_error(self, photo: PhotoSource | PhotoError) -> Pixels | PhotoError:
        if isinstance(photo, PhotoError):
            return photo
        try:
            return self._read(photo)
        except PhotoError as error:
            return error


def _several(photos: Iterable[PhotoSource]) -> Iterable[PhotoSource]:
    """The photos; one photo alone, easily given by mistake, is not taken apart into letters, bytes or rows."""
    alone = isinstance(photos, (str, bytes, bytearray, memoryview, os.PathLike)) or hasattr(photos, "read")
    if alone or (isinstance(photos, np.ndarray) and photos.ndim < 4):
        return [cast("PhotoSource", photos)]
    return photos


def _or_raise(answer: Answer | PhotoError) -> Answer:
    if isinstance(answer, PhotoError):
        raise answer
    return answer
