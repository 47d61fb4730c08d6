"""What the show found: frozen records, how an answer is judged, and the numbers and the table made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from shibuya_optics.contract import Pixels
from shibuya_optics.labels import kind_of
from shibuya_optics.records import Answer

Verdict = Literal["right", "kind", "wrong", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("right", "kind", "wrong", "unknown")


def verdict(truth: str, answer: Answer, *, taught: bool) -> Verdict:
    """Judge an answer.

    `right`: the product itself. `kind`: only the kind, and rightly so. `wrong`: another product or kind; of a stranger
    also any product. `unknown`: nothing was named, which is what a stranger deserves.

    Args:
        truth: the label of what the photo shows.
        answer: what was said.
        taught: whether that product was taught.
    """
    if answer.label is None:
        return "unknown"
    if answer.label == truth and taught:
        return "right"
    return "kind" if answer.level == "kind" and answer.label == kind_of(truth) else "wrong"


@dataclass(frozen=True, eq=False)
class Shot:
    """One identified photo: the label of what it shows, the photo as uint8 (height, width, 3), what was said of it."""

    label: str
    photo: Pixels
    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class ProductOutcome:
    """One taught product: the photos that it was taught from, and its unseen photos."""

    label: str
    lessons: tuple[Pixels, ...]
    shots: tuple[Shot, ...]

    def counts(self) -> dict[str, int]:
        """How many unseen photos got each verdict."""
        return _counted(self.shots)


@dataclass(frozen=True)
class Seconds:
    """How long each part took, seconds."""

    render: float
    teach: float
    identify: float

    @property
    def total(self) -> float:
        """All parts together."""
        return self.render + self.teach + self.identify


@dataclass(frozen=True, eq=False)
class Outcome:
    """Everything that a run of the show found. `seed` gives the same pantry and photos again."""

    seed: int
    products: tuple[ProductOutcome, ...]
    strangers: tuple[Shot, ...]
    seconds: Seconds

    def counts(self) -> dict[str, int]:
        """How many unseen photos of taught products got each verdict."""
        return _counted(shot for product in self.products for shot in product.shots)

    @property
    def photos(self) -> int:
        """How many unseen photos of taught products there were."""
        return sum(self.counts().values())

    @property
    def refused(self) -> int:
        """How many strangers were rightly left unnamed."""
        return _counted(self.strangers)["unknown"]

    @property
    def named(self) -> int:
        """How many strangers were taken for a product, or put into a wrong kind."""
        return _counted(self.strangers)["wrong"]

    def as_json(self) -> dict[str, Any]:
        """The numbers, without the photos, as a JSON object."""
        strangers = {"photos": len(self.strangers), "refused": self.refused, "named": self.named}
        return {
            "seed": self.seed,
            "taught": sum(len(product.lessons) for product in self.products),
            "photos": self.photos,
            **self.counts(),
            "products": [{"label": product.label, **product.counts()} for product in self.products],
            "strangers": strangers | {"kind": _counted(self.strangers)["kind"]},
            "seconds": asdict(self.seconds) | {"total": self.seconds.total},
        }


def _counted(shots: Iterable[Shot]) -> dict[str, int]:
    counts = Counter(shot.verdict for shot in shots)
    return {name: counts[name] for name in VERDICTS}
