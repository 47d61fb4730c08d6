"""The numbers of a bundle that turn what the senses tell into an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from shibuya_optics.errors import BundleError

ABOVE_0 = (math.ulp(0), math.inf)
SHARE = (0.0, 1.0)


@dataclass(frozen=True)
class _Numbers:
    """Numbers, each within its limits."""

    limits: ClassVar[Mapping[str, tuple[float, float]]]

    def __post_init__(self) -> None:
        for name, (low, high) in self.limits.items():
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or not low <= value <= high or math.isinf(value):
                raise BundleError(f"{self.of()} {name} is {value!r}: give a finite number, {low} to {high}.")

    @classmethod
    def of(cls) -> str:
        """What they are called in messages."""
        return f"{cls.__name__.lower()} number"

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The record of its JSON object.

        Raises:
            BundleError: a number is missing, not known here, or out of range.
        """
        known = {field.name for field in fields(cls)}
        if set(stored) != known:
            raise BundleError(f"{cls.of()}s {sorted(set(stored) ^ known)} are missing or not known.")
        return cls(**stored)


@dataclass(frozen=True)
class Decision(_Numbers):
    """The numbers that turn likeness into probabilities; measured on held-out photos.

    A photo whose best candidate was learned counts as known where its look is of one kind and typical of the candidate, together; one
    whose best candidate was taught, where it is of one kind, and near (`recognise/known/scores.py`, score `typical-kind.v1`).

    Attributes:
        scale: cosine to logit; above 0.
        temperature: divides the logits, so that confidences are calibrated; above 0.
        known_midpoint: familiarity, -1 to 1, from which a photo passes; taught products add a handicap.
        known_slope: log-odds of being known for each unit of familiarity.
        kinds_midpoint: negative entropy among kinds, nats, 0 (one kind alone) or below, from which a photo passes where its best
            candidate was taught.
        kinds_slope: log-odds of being known for each nat; with 0 the test is left out.
        typical_weight: what one unit of `Typical`, a squared distance, weighs beside one of `unanimity`; 0 or more.
        learned_midpoint: unanimity, and what is typical at that weight, from which a photo passes where its best candidate was learned.
        learned_slope: log-odds for each unit of them; with 0 learned products are judged as taught ones, more sharply by nearness.

    Raises:
        BundleError: a number is out of range.
    """

    scale: float
    temperature: float
    known_midpoint: float
    known_slope: float
    kinds_midpoint: float = 0.0
    kinds_slope: float = 0.0
    typical_weight: float = 0.0
    learned_midpoint: float = 0.0
    learned_slope: float = 0.0

    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "scale": ABOVE_0,
        "temperature": ABOVE_0,
        "known_midpoint": (-1.0, 1.0),
        "known_slope": ABOVE_0,
        "kinds_midpoint": (-math.inf, 0.0),
        "kinds_slope": (0.0, math.inf),
        "typical_weight": (0.0, math.inf),
        "learned_midpoint": (-math.inf, math.inf),
        "learned_slope": (0.0, math.inf),
    }


@dataclass(frozen=True)
class Costs(_Numbers):
    """What an answer is worth: a right product 1, silence 0. The answer with the highest expected worth is given.

    Attributes:
        rolled_up: worth, 0 to 1, of a right product whose variant is left open.
        right_kind: worth, 0 to 1, of a right kind.
        wrong_product, wrong_kind: cost, 0 or more, of a wrong one.
        kinship: share, 0 to 1, of products never taught that are of the kind that they look like.

    Raises:
        BundleError: a number is out of range.
    """

    rolled_up: float = 0.9
    right_kind: float = 0.7
    wrong_product: float = 1.0
    wrong_kind: float = 0.5
    kinship: float = 0.35

    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rolled_up": SHARE,
        "right_kind": SHARE,
        "wrong_product": (0.0, math.inf),
        "wrong_kind": (0.0, math.inf),
        "kinship": SHARE,
    }


@dataclass(frozen=True)
class Fusion(_Numbers):
    """How much reading counts beside looking, and when it is asked for. `docs/decisions/0010` says how they were fitted.

    Attributes:
        reading: logits that a full match adds to a product, for each unit of print that was read.
        most: units of print from which on more adds nothing; above 0.
        known_look: share, 0 to 1, that is left of what looking says of being known where much was read.
        known_reading: log-odds of being known that a full match adds against none, for each unit.
        known_match: match, 0 to 1, at which reading says neither that it is known nor that it is not.
        sure: confidence, 0 to 1, of a look from which on nothing is read, unless it is asked for.

    Raises:
        BundleError: a number is out of range.
    """

    reading: float = 8.26
    most: float = 2.33
    known_look: float = 0.35
    known_reading: float = 1.08
    known_match: float = 0.458
    sure: float = 0.9

    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "reading": (0.0, math.inf),
        "most": ABOVE_0,
        "known_look": SHARE,
        "known_reading": (0.0, math.inf),
        "known_match": SHARE,
        "sure": SHARE,
    }
