from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shibuya_optics.errors import RunError
from shibuya_optics.train.runs.out_of_fold import fold_accuracy, summary
from shibuya_optics.train.runs.predictions import Predictions

PRODUCTS = ("Dairy/Milk/A", "Dairy/Milk/A/Big", "Dairy/Milk/B", "Fruit/Apple/C")


def said(best: list[int], truth: list[int], part: str = "test") -> Predictions:
    """Predictions that are sure of `best`."""
    photos = len(best)
    return Predictions(
        products=PRODUCTS,
        rows=np.arange(photos, dtype=np.int64)[::-1],
        sha256=np.array([f"{row:064x}" for row in range(photos)]),
        truth=np.array(truth, np.int64),
        logits=8 * np.eye(len(PRODUCTS), dtype=np.float32)[best],
        parts=np.full(photos, part),
        groups=np.array(["shoot"] * photos),
    )


def test_they_come_back_from_their_file(tmp_path: Path) -> None:
    written = Predictions.joined([said([0, 2], [0, 0]), said([3], [3], "fold-1")])
    written.write(tmp_path / "predictions.npz")
    read = Predictions.read(tmp_path / "predictions.npz")
    assert read.products == PRODUCTS
    for name in ("rows", "sha256", "truth", "logits", "parts", "groups"):
        assert np.array_equal(getattr(read, name), getattr(written, name))
    assert read.of_part("fold-1").truth.tolist() == [3]
    assert read.in_order().rows.tolist() == sorted(written.rows.tolist())


@pytest.mark.parametrize("content", [None, b"no zip", b""])
def test_no_predictions_are_one_clear_error(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "predictions.npz").write_bytes(content)
    with pytest.raises(RunError, match="no predictions can be read"):
        Predictions.read(tmp_path / "predictions.npz")


def test_a_variant_of_the_true_product_is_right_and_so_is_any_product_of_its_kind_for_the_kind() -> None:
    predictions = said([1, 0, 2, 3, 0], [0, 1, 0, 0, 0])
    assert predictions.right.tolist() == [True, False, False, False, True]
    assert predictions.right_kinds.tolist() == [True, True, True, False, True]


def test_a_cross_validation_in_numbers() -> None:
    folds = [said([0, 2, 2, 3], [0, 0, 0, 3], "fold-0"), said([3, 3], [3, 0], "fold-1")]
    lines = [fold_accuracy(fold, 7, 1, part) for fold, part in enumerate(folds)]
    document = summary(lines, Predictions.joined(folds), np.array([False, True, False, False, False, False]))
    assert document["accuracy"] == {"mean": 0.5, "sd": 0.0}
    assert [fold["accuracy_kind"] for fold in document["folds"]] == [1.0, 0.5]
    assert document["accuracy_kind"]["sd"] == pytest.approx(np.std([1.0, 0.5], ddof=1))
    assert (document["pooled"]["photos"], document["pooled"]["accuracy"]) == (6, 0.5)
    assert (document["without_copies"]["photos"], document["without_copies"]["accuracy"]) == (5, 0.6)
    assert document["pooled"]["interval95"][0] < 0.5 < document["pooled"]["interval95"][1]
    assert document["confusions"][0] == {
        "truth": "Dairy/Milk/A",
        "taken_for": "Dairy/Milk/B",
        "photos": 2,
        "share": 0.5,
    }
