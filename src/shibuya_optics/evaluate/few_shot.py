"""The few-shot curve: how good the answers are when each product is taught from k photos, over several draws of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, Lines
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.right import Right, right_of
from shibuya_optics.recognise import COVERAGE, Answering, Catalogue
from shibuya_optics.recognise.answer.fusing import with_print
from shibuya_optics.recognise.catalogue.lexicon import name_words
from shibuya_optics.recognise.catalogue.teaching import MOST_PHOTOS, teach
from shibuya_optics.recognise.catalogue.telling import tell

Vectors = NDArray[np.float32]
Senses = Literal["look", "read", "both"]
"""Which senses are judged: one of the two alone, or both together."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Photos as a network sees them, and what was read in them.

    Attributes:
        vectors: unit rows, float32 `(photos, d)`.
        labels: the product of each, `(photos,)`.
        lines: what was read in each, `(photos,)`; empty where nothing was to be read.
    """

    vectors: Vectors
    labels: tuple[str, ...]
    lines: tuple[Lines, ...] = ()

    def __post_init__(self) -> None:
        if self.lines and len(self.lines) != len(self.labels):
            raise InputError(
                f"what was read in {len(self.lines)} photos and {len(self.labels)} labels: give one a photo."
            )
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.labels) or not self.labels:
            raise InputError(
                f"vectors of shape {self.vectors.shape} and {len(self.labels)} labels: give a unit row and a label a "
                "photo, for one photo or more."
            )


@dataclass(frozen=True)
class Draws:
    """How photos are drawn.

    Attributes:
        ks: photos a product; 0 to 200 each, sorted, each once. 0 teaches products by the words of their names.
        draws: how often; 1 or more.
        seed: 0 or more. The same seed draws the same photos, whatever the ks.

    Raises:
        InputError: a number is out of range.
    """

    ks: tuple[int, ...]
    draws: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.ks or not 0 <= min(self.ks) <= max(self.ks) <= MOST_PHOTOS or self.draws < 1 or self.seed < 0:
            raise InputError(
                f"few-shot with k {', '.join(map(str, self.ks)) or 'none'}, {self.draws} draws, seed {self.seed}: "
                f"give k from 0 to {MOST_PHOTOS}, one draw or more, a seed of 0 or more."
            )
        object.__setattr__(self, "ks", tuple(sorted(set(self.ks))))


@dataclass(frozen=True)
class Spread:
    """A share, 0 to 1, draw by draw."""

    draws: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Mean, standard deviation of the sample (null for one draw), and the draws."""
        spread = stdev(self.draws) if len(self.draws) > 1 else None
        return {"mean": mean(self.draws), "sd": spread, "draws": list(self.draws)}


@dataclass(frozen=True)
class Point:
    """One point of the curve.

    Attributes:
        k: photos taught of each product.
        short: products that have fewer than k photos, and were taught from all of theirs.
        accuracy, accuracy_kind: as in `judge.Judgement`.
    """

    k: int
    short: int
    accuracy: Spread
    accuracy_kind: Spread

    def as_json(self) -> dict[str, Any]:
        """The point as a JSON object."""
        spreads = {"accuracy": self.accuracy.as_json(), "accuracy_kind": self.accuracy_kind.as_json()}
        return {"k": self.k, "short": self.short, **spreads}


def few_shot(candidates: Seen, tested: Seen, draws: Draws, empty: Bundle, senses: Senses = "look") -> list[Point]:
    """The curve, one point a k: teach every product from k of its candidates, ask for the tested photos, and repeat.

    What k photos are drawn is part of what more are drawn, so that the points of a draw differ in nothing but number.

    Args:
        candidates: photos to draw from.
        tested: photos to ask for, of products that have candidates.
        draws: how many, how often.
        empty: a bundle for vectors of this length; its decision numbers are used, its products are left out.
        senses: which are judged.

    Raises:
        InputError: a tested product has no candidates, the vectors are not of one length, or names alone are to be looked
            at.
        TeachError: there is nothing to learn in the photos drawn for a product.
    """
    _check(candidates, tested, empty.embedding_size)
    if 0 in draws.ks and senses == "look":
        raise InputError("k = 0 teaches products by their names, which cannot be looked at: judge reading, or both.")
    counts = Counter(candidates.labels)
    points = {k: _Tally(k, sum(count < k for count in counts.values())) for k in draws.ks}
    for order in drawing_orders(candidates.labels, draws.draws, draws.seed):
        for k, tally in points.items():
            rows = [row for rows in order.values() for row in rows[:k]]
            catalogue = taught(candidates, rows, empty) if k else named(order, empty)
            tally.add(right_of(_logits(catalogue, tested, empty, senses), tested.labels, catalogue.tree))
    return [tally.point() for tally in points.values()]


def drawing_orders(labels: Sequence[str], draws: int, seed: int) -> Iterator[dict[str, list[int]]]:
    """For each draw, in what order the photos of each product are drawn: positions by label, labels sorted.

    Each draw has a generator of its own, `default_rng([seed, draw])`, and asks it for one permutation a product.
    """
    each = np.array(labels)
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw])
        yield {label: rng.permutation(np.flatnonzero(each == label)).tolist() for label in sorted(set(labels))}


def taught(candidates: Seen, rows: Sequence[int], empty: Bundle) -> Catalogue:
    """A catalogue of nothing but what the candidates in these rows teach."""
    catalogue = Catalogue.of(empty).emptied()
    by_label: dict[str, list[int]] = {}
    for row in rows:
        by_label.setdefault(candidates.labels[row], []).append(row)
    for label, own in by_label.items():
        lines = [candidates.lines[row] for row in own] if candidates.lines else []
        catalogue = teach(catalogue, label, candidates.vectors[own], lines)
    return catalogue


def named(labels: Iterable[str], empty: Bundle) -> Catalogue:
    """A catalogue of nothing but what the names of products tell."""
    catalogue = Catalogue.of(empty).emptied()
    for label in labels:
        catalogue = tell(catalogue, label, [" ".join(name_words(label))], ())
    return catalogue


def _logits(catalogue: Catalogue, tested: Seen, empty: Bundle, senses: Senses) -> Vectors:
    """What the senses say of each product, `(photos, products)`."""
    answering = Answering(catalogue, empty, COVERAGE)
    look = answering.seen(tested.vectors).logits
    if senses == "look":
        return look
    evidence = answering.lexicon.evidence(tested.lines)
    return with_print(look if senses == "both" else np.zeros_like(look), evidence, empty.fusion)


@dataclass
class _Tally:
    k: int
    short: int
    products: list[float] = field(default_factory=list)
    kinds: list[float] = field(default_factory=list)

    def add(self, right: Right) -> None:
        self.products.append(float(right.products.mean()))
        self.kinds.append(float(right.kinds.mean()))

    def point(self) -> Point:
        return Point(self.k, self.short, Spread(tuple(self.products)), Spread(tuple(self.kinds)))


def _check(candidates: Seen, tested: Seen, size: int) -> None:
    lacking = sorted(set(tested.labels) - set(candidates.labels))
    if lacking:
        raise InputError(f"no photos to teach {', '.join(lacking[:3])} from: ask for products that have some.")
    if not candidates.vectors.shape[1] == tested.vectors.shape[1] == size:
        raise InputError(
            f"vectors of {candidates.vectors.shape[1]}, {tested.vectors.shape[1]} and {size} numbers: "
            "give those of one network."
        )
