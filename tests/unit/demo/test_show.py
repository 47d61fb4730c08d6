from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest

from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product, pantry, show
from shibuya_optics.photo import PhotoSource
from shibuya_optics.records import Answer

SEED = 2


def stamped(product: Product, seed: int) -> Pixels:
    """In the place of a photo: the product's position in the pantry and the seed, as pixels."""
    photo = np.zeros((8, 8, 3), np.uint8)
    photo[...] = (pantry(24, SEED).index(product), seed, 0)
    return photo


@dataclass
class Parrot:
    """Knows exactly the products that it was taught, by their stamps; what it has seen is kept."""

    known: dict[int, str] = field(default_factory=dict)
    lessons: dict[str, list[int]] = field(default_factory=dict)
    seen: list[tuple[int, int]] = field(default_factory=list)

    def teach(self, label: str, photos: Iterable[PhotoSource]) -> None:
        stamps = [np.asarray(photo)[0, 0] for photo in photos]
        self.known[int(stamps[0][0])] = label
        self.lessons[label] = [int(stamp[1]) for stamp in stamps]

    def identify_many(self, photos: Iterable[PhotoSource]) -> list[Answer]:
        stamps = [np.asarray(photo)[0, 0] for photo in photos]
        self.seen += [(int(stamp[0]), int(stamp[1])) for stamp in stamps]
        labels = [self.known.get(int(stamp[0])) for stamp in stamps]
        return [Answer(label, "product" if label else "none", 1.0, bool(label), (), 0.0) for label in labels]


@pytest.fixture(autouse=True)
def _stamps_for_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "render", stamped)


def test_eight_products_are_taught_from_four_photos_each() -> None:
    parrot = Parrot()
    show.run(parrot, SEED)
    assert list(parrot.lessons) == [product.label for product in pantry(24, SEED)[:8]]
    assert {tuple(seeds) for seeds in parrot.lessons.values()} == {(0, 1, 2, 3)}


def test_unseen_photos_are_none_of_the_taught_ones_and_strangers_none_of_the_taught_products() -> None:
    parrot = Parrot()
    show.run(parrot, SEED)
    unseen, strangers = parrot.seen[:40], parrot.seen[40:]
    assert len(set(unseen)) == 40
    assert all(product < 8 and seed > 3 for product, seed in unseen)
    assert [product for product, _ in strangers] == list(range(8, 24))


def test_one_who_remembers_exactly_gets_everything_right() -> None:
    outcome = show.run(Parrot(), SEED)
    assert outcome.counts() == {"right": 40, "kind": 0, "wrong": 0, "unknown": 0}
    assert (outcome.refused, outcome.named) == (16, 0)
    assert [len(product.shots) for product in outcome.products] == [5] * 8
    assert [len(product.lessons) for product in outcome.products] == [4] * 8


def test_one_who_always_says_the_same_is_shown_to_be_wrong() -> None:
    class Stubborn(Parrot):
        def identify_many(self, photos: Iterable[PhotoSource]) -> list[Answer]:
            label = next(iter(self.lessons))
            return [Answer(label, "product", 0.9, True, (), 0.0) for _ in photos]

    outcome = show.run(Stubborn(), SEED)
    assert outcome.counts() == {"right": 5, "kind": 0, "wrong": 35, "unknown": 0}
    assert (outcome.refused, outcome.named) == (0, 16)


def test_progress_sees_every_photo_and_product() -> None:
    told: list[tuple[str, int, int]] = []

    def counting(items: Iterable[object], description: str, total: int) -> Iterable[object]:
        kept = list(items)
        told.append((description, len(kept), total))
        return kept

    show.run(Parrot(), SEED, counting)  # type: ignore[arg-type]
    assert told == [("Photographing", 88, 88), ("Teaching", 8, 8), ("Identifying", 7, 7)]


def test_the_seconds_are_measured() -> None:
    seconds = show.run(Parrot(), SEED).seconds
    assert min(seconds.render, seconds.teach, seconds.identify) > 0
    assert seconds.total == pytest.approx(seconds.render + seconds.teach + seconds.identify)
