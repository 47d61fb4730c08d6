"""From what the senses tell to answers, for one catalogue: what that needs of it is worked out once, when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.errors import InputError
from shibuya_optics.recognise.answer.answer_sets import Calibration, answer_sets, calibration_of
from shibuya_optics.recognise.answer.asking import Told
from shibuya_optics.recognise.answer.deciding import decide
from shibuya_optics.recognise.answer.fusing import Scored, doubtful, fused, look_alone, settled
from shibuya_optics.recognise.answer.taught_logits import (
    Photos,
    TaughtLook,
    cosines_without_themselves,
    own_photos,
    taught_look,
    weighed,
)
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Vectors
from shibuya_optics.recognise.catalogue.lexicon import Lexicon, lines_of
from shibuya_optics.recognise.known.log_odds import log_odds
from shibuya_optics.recognise.known.mahalanobis import Typical
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.known.trust_in_taught import Trust, print_numbers, readings_of, taught_factor
from shibuya_optics.recognise.softmax import confidences
from shibuya_optics.records import Answer, Sense

Floats = NDArray[np.float32]


class Seen(NamedTuple):
    """What looking at `n` photos says.

    Attributes:
        vectors: what the network sees, unit rows `(n, d)`.
        logits: of each product, `(n, products)`.
        near: log-odds of being known by nearness, `(n,)`, in the bundle's slope.
    """

    vectors: Vectors
    logits: Floats
    near: Floats

    @property
    def scored(self) -> Scored:
        """As print is added to it."""
        return self.logits, self.near


@dataclass(frozen=True, eq=False)
class Scores:
    """What `n` photos' answers rest on, for measuring.

    Attributes:
        logits: of each product, float32 `(n, products)`; their softmax is its probability among the products.
        known: log-odds that a photo shows anything known, float32 `(n,)`.
        confidences: 0 to 1, `(n, products)`; a row adds up to the trust that the photo shows any product.
        answers: what is said of each photo; their `seconds` are 0.
    """

    logits: NDArray[np.float32]
    known: NDArray[np.float32]
    confidences: NDArray[np.float32]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, eq=False)
class Answering:
    """Answers by a catalogue.

    Attributes:
        catalogue: what is known.
        bundle: its numbers alone are used.
        coverage: of answer sets, between 0 and 1.
    """

    catalogue: Catalogue
    bundle: Bundle
    coverage: float

    @cached_property
    def likeness(self) -> Likeness:
        """How like each product photos look."""
        return Likeness(self.catalogue, self.bundle.decision.known_midpoint)

    @cached_property
    def kind_ids(self) -> NDArray[np.intp]:
        """The kind of each product, `(products,)`."""
        return np.array(self.catalogue.tree.kind_ids, np.intp)

    @cached_property
    def typical(self) -> Typical:
        """How typical of a learned product photos look."""
        return Typical(self.catalogue, self.bundle.differences)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The print of the packs, ready for comparison."""
        return Lexicon(self.catalogue.tree, self.catalogue.printed)

    @cached_property
    def own(self) -> tuple[Photos, Floats]:
        """The catalogue's own photos, and their cosines `(photos, products)` without what they taught themselves."""
        photos = own_photos(self.catalogue)
        return photos, cosines_without_themselves(self.likeness, photos)

    @cached_property
    def taught_by_look(self) -> NDArray[np.bool_]:
        """Which products came by teaching and have a look, `(products,)`."""
        return self.catalogue.was_taught & self.catalogue.looks

    @cached_property
    def taught_look(self) -> TaughtLook:
        """How a look at those weighs."""
        return taught_look(*self.own, self.taught_by_look, self.bundle.decision)

    @cached_property
    def trust(self) -> Trust:
        """How far nearness can be trusted where the best candidate was taught."""
        return Trust(self.catalogue.was_taught, taught_factor(self.likeness, self.bundle.decision))

    @cached_property
    def trust_in_print(self) -> Trust:
        """As `trust`, with how far print can be; it takes a comparison of every reading taught, and is for where print counts."""
        said = [self.lexicon.set_aside(*reading) for reading in readings_of(self.catalogue)]
        reading, match = print_numbers(np.array(said, np.float64).reshape(-1, 3), self.bundle.fusion)
        return replace(self.trust, reading=reading, match=match)

    @cached_property
    def calibration(self) -> Calibration:
        """How surprising the truth is in photos that nothing was learned from."""
        photos, similar = self.own
        decision = self.bundle.decision
        logits = (decision.scale / decision.temperature * similar).astype(np.float32)
        return calibration_of(weighed(logits, self.taught_by_look, self.taught_look), photos.products)

    @cached_property
    def limits(self) -> NDArray[np.float64] | None:
        """How surprising a product in a set may be, `(products,)`; None where too few photos are known to promise anything."""
        try:
            return self.calibration.limits(len(self.catalogue.tree), self.coverage)
        except InputError:
            return None

    def seen(self, vectors: Vectors) -> Seen:
        """What looking says of photos, unit rows `(n, d)`."""
        logits, near = look_alone(*self.likeness(vectors), self.catalogue.looks, self.bundle.decision)
        return Seen(vectors, weighed(logits, self.taught_by_look, self.taught_look), near)

    def in_doubt(self, seen: Seen) -> list[bool]:
        """Which photos a reading may help."""
        catalogue = self.catalogue
        if not catalogue.legible.any():
            return [False] * len(seen.near)
        known = self._known(seen.vectors, seen.logits, self.trust.by_nearness(*seen.scored))
        doubts = doubtful(
            seen.scored, known, catalogue.looks, catalogue.legible, self.bundle.fusion, self.trust_in_print
        )
        return [bool(doubt) for doubt in doubts]

    def by_look(self, vectors: Vectors) -> Scores:
        """Scores and answers of what the network sees in photos, unit rows `(n, d)`, by looking alone."""
        return self.decided(self.seen(vectors), [Told() for _ in vectors])

    def decided(self, seen: Seen, told: Sequence[Told]) -> Scores:
        """Scores and answers from what all senses tell."""
        catalogue = self.catalogue
        if any(one.words for one in told):
            evidence = self.lexicon.evidence([lines_of(one.words or ()) for one in told])
            logits, near = fused(seen.scored, evidence, catalogue.looks, self.bundle.fusion, self.trust_in_print)
        else:
            logits, near = seen.logits.copy(), self.trust.by_nearness(*seen.scored)
        known = self._known(seen.vectors, logits, near)
        for row, one in enumerate(told):
            products = [catalogue.by_barcode[b.gtin] for b in one.barcodes or () if b.gtin in catalogue.by_barcode]
            if products:
                settled((logits, known), row, products)
        sets = None if self.limits is None else answer_sets(logits, self.limits)
        answers = decide(logits, known, self.bundle.costs, catalogue.tree, sets)
        return Scores(logits, known, confidences(logits, known), tuple(map(self._with_reasons, answers, told)))

    def _known(self, vectors: Vectors, logits: Floats, near: Floats) -> Floats:
        """Log-odds of being known, `(n,)`, by all tests."""
        if not logits.shape[1]:
            return near
        typical = self.typical(vectors, logits.argmax(axis=1))
        return log_odds(logits, near, self.kind_ids, self.bundle.decision, typical, self.trust.best_taught(logits))

    def _with_reasons(self, answer: Answer, told: Told) -> Answer:
        """The answer with the senses that were used and what they told."""
        used: tuple[Sense, ...] = ("look",)
        used += ("read",) if told.words is not None else ()
        used += ("scan",) if told.barcodes is not None else ()
        words = told.words or ()
        if words and answer.candidates:
            best = self.catalogue.tree.id_of(answer.candidates[0].label)
            words = self.lexicon.speaking_for(best, words)
        return replace(answer, senses=used, words=words, barcodes=told.barcodes or ())
