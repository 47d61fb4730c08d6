from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pytest
from library_photo import photo

from shibuya_optics.dataset.folds import assigned_splits, laid_folds
from shibuya_optics.dataset.groups import capture_groups
from shibuya_optics.errors import DatasetError, MissingExtraError


def test_own_photos_fill_test_then_validation_then_train() -> None:
    for own, expected in enumerate(
        ({"test": 1}, {"test": 1, "validation": 1}, {"test": 1, "validation": 1, "train": 1}), 1
    ):
        photos = [photo(i) for i in range(own)]
        assert Counter(assigned_splits(photos, capture_groups(photos), seed=0)) == expected


def test_web_photos_are_trained_on_unless_they_were_taken_with_own_ones() -> None:
    photos = [photo(0), photo(1, origin="web"), photo(2, origin="web")]
    assert assigned_splits(photos, capture_groups(photos, [(0, 2)]), seed=0) == ["test", "train", "test"]


def test_official_splits_stay_and_draw_what_was_taken_with_them() -> None:
    photos = [photo(0, split="validation", origin="public:set"), photo(1), photo(2)]
    assert assigned_splits(photos, capture_groups(photos, [(0, 1)]), seed=0) == ["validation", "validation", "test"]


def test_another_seed_deals_other_photos() -> None:
    photos = [photo(i) for i in range(12)]
    dealt = {tuple(assigned_splits(photos, capture_groups(photos), seed)) for seed in range(5)}
    assert len(dealt) > 1


def test_folds_have_their_share_of_each_product() -> None:
    labels = ["Salt"] * 50 + ["Rice"] * 20
    folds = laid_folds(labels, np.arange(70), count=5, seed=0)
    assert Counter(zip(labels, folds.tolist(), strict=True)) == {
        **{("Salt", fold): 10 for fold in range(5)},
        **{("Rice", fold): 4 for fold in range(5)},
    }


@pytest.mark.parametrize("count", [1, 4])
def test_folds_that_cannot_be_are_refused(count: int) -> None:
    with pytest.raises(DatasetError, match=f"{count} folds of 6 photos in 3 groups: give 2 or more, and at most 3"):
        laid_folds(["Salt"] * 6, np.array([0, 0, 2, 2, 4, 4]), count, seed=0)


def test_a_fold_that_stays_empty_is_refused() -> None:
    labels, groups = list("110011101"), np.array([1, 1, 1, 3, 4, 4, 0, 3, 1])
    with pytest.raises(DatasetError, match="4 folds of 9 photos: one stays empty; give fewer, or another seed"):
        laid_folds(labels, groups, 4, seed=0)


def test_without_scikit_learn_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)
    with pytest.raises(MissingExtraError, match=r"laying folds needs .*\[learn\]"):
        laid_folds(["Salt"] * 6, np.arange(6), 2, seed=0)
