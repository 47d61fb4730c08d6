from __future__ import annotations

from statistics import mean, stdev
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_bundle import SIZE, tiny_bundle

from shibuya_optics.bundle import Lines
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.few_shot import Draws, Seen, Senses, Spread, drawing_orders, few_shot, taught

LABELS = ("Dairy/Butter/Arla", "Dairy/Butter/Lurpak", "Dairy/Milk/Oatly", "Lemon")


def photos(each: int, seed: int, spread: float = 1.2) -> Seen:
    """`each` photos of the four products: a direction of its own each, and noise."""
    middles = np.random.default_rng(99).normal(size=(len(LABELS), SIZE))
    ids = np.repeat(np.arange(len(LABELS)), each)
    rows = middles[ids] + spread * np.random.default_rng(seed).normal(size=(len(ids), SIZE)) * 3
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return Seen(vectors, tuple(LABELS[i] for i in ids))


def slow_accuracy(candidates: Seen, tested: Seen, drawn: dict[str, list[int]]) -> float:
    """Mean the drawn photos of each product, and ask photo by photo whose mean is nearest."""
    means: dict[str, NDArray[np.float64]] = {}
    for label, rows in drawn.items():
        total = np.sum([candidates.vectors[row].astype(np.float64) for row in rows], axis=0)
        means[label] = total / np.linalg.norm(total)
    right = 0
    for vector, true in zip(tested.vectors, tested.labels, strict=True):
        right += max(means, key=lambda label: float(vector @ means[label])) == true
    return right / len(tested.labels)


def test_the_curve_is_that_of_plain_means() -> None:
    candidates, tested = photos(12, 0), photos(30, 1)
    points = few_shot(candidates, tested, Draws((5, 1, 2), draws=3, seed=4), tiny_bundle())
    assert [point.k for point in points] == [1, 2, 5]
    orders = list(drawing_orders(candidates.labels, 3, 4))
    for point in points:
        drawn = [{label: rows[: point.k] for label, rows in order.items()} for order in orders]
        assert point.accuracy.draws == pytest.approx([slow_accuracy(candidates, tested, each) for each in drawn])
        assert np.mean(point.accuracy_kind.draws) > np.mean(point.accuracy.draws)
    assert mean(points[2].accuracy.draws) > mean(points[0].accuracy.draws) + 0.1


def test_fewer_photos_are_part_of_more_and_draws_differ() -> None:
    labels = photos(12, 0).labels
    first, second = drawing_orders(labels, 2, 0)
    assert list(first) == sorted(LABELS)
    for label, rows in first.items():
        assert sorted(rows) == [i for i, each in enumerate(labels) if each == label]
        assert rows != second[label]
    assert next(drawing_orders(labels, 1, 0)) == first
    assert next(drawing_orders(labels, 1, 1)) != first


def test_one_point_is_the_same_whatever_else_is_asked_for() -> None:
    candidates, tested = photos(12, 0), photos(10, 1)
    alone = few_shot(candidates, tested, Draws((2,)), tiny_bundle())
    assert few_shot(candidates, tested, Draws((1, 2, 7)), tiny_bundle())[1] == alone[0]


def test_products_with_fewer_photos_are_counted_and_taught_from_all() -> None:
    candidates, tested = photos(5, 0), photos(5, 1)
    kept = np.array([i for i, label in enumerate(candidates.labels) if label != "Lemon" or i % 2])
    fewer = Seen(candidates.vectors[kept], tuple(candidates.labels[i] for i in kept))
    assert fewer.labels.count("Lemon") in {2, 3}
    assert [point.short for point in few_shot(fewer, tested, Draws((1, 5, 9)), tiny_bundle())] == [0, 1, 4]


def test_what_the_bundle_knew_is_forgotten() -> None:
    candidates = photos(3, 0)
    catalogue = taught(candidates, [0, 1, 3], tiny_bundle())
    assert catalogue.tree.products == LABELS[:2]
    assert catalogue.photo_counts.tolist() == [2, 1]


def test_a_spread_has_mean_and_deviation_of_the_sample() -> None:
    shares = (0.5, 0.6, 0.9)
    assert Spread(shares).as_json() == {"mean": mean(shares), "sd": stdev(shares), "draws": [0.5, 0.6, 0.9]}
    assert Spread((0.5,)).as_json()["sd"] is None


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match="k from 0 to 200"):
        Draws((-1, 5))
    with pytest.raises(InputError, match="one draw or more"):
        Draws((1,), draws=0)
    with pytest.raises(InputError, match="none"):
        Draws(())
    with pytest.raises(InputError, match="no photos to teach Lemon from"):
        few_shot(Seen(photos(1, 0).vectors[:3], LABELS[:3]), photos(1, 1), Draws((1,)), tiny_bundle())
    with pytest.raises(InputError, match="give those of one network"):
        few_shot(photos(1, 0), Seen(np.eye(4, dtype=np.float32), LABELS), Draws((1,)), tiny_bundle())
    with pytest.raises(InputError, match="a unit row and a label"):
        Seen(np.eye(4, dtype=np.float32), LABELS[:2])


LINES: dict[str, Lines] = {"Dairy/Butter/Red": (("RED BUTTER", 0.9),), "Blue": (("so blue", 0.9),)}


def read_and_seen(labels: list[str], seed: int = 0) -> Seen:
    """Photos that all look alike, and differ in their print."""
    vectors = np.random.default_rng(seed).normal(size=(len(labels), 48)) * 0.01 + 1
    rows = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Seen(rows, tuple(labels), tuple(LINES[label] for label in labels))


def test_what_looks_alike_is_told_apart_by_reading() -> None:
    photos, asked = read_and_seen([*LINES] * 4), read_and_seen([*LINES] * 30, 1)
    looked, read, both = (
        few_shot(photos, asked, Draws((2,), 3), tiny_bundle(), senses)[0].accuracy.draws for senses in get_args(Senses)
    )
    assert max(looked) < 0.9
    assert read == both == (1.0, 1.0, 1.0)


def test_names_alone_are_judged_by_reading() -> None:
    photos, asked = read_and_seen([*LINES] * 2), read_and_seen([*LINES] * 3, 1)
    (point,) = few_shot(photos, asked, Draws((0,), 2), tiny_bundle(), "read")
    assert point.accuracy.draws == (1.0, 1.0)
    with pytest.raises(InputError, match="cannot be looked at"):
        few_shot(photos, asked, Draws((0,), 2), tiny_bundle())


def test_lines_are_one_a_photo() -> None:
    with pytest.raises(InputError, match="give one a photo"):
        Seen(np.eye(2, dtype=np.float32), ("a", "b"), ((),))
