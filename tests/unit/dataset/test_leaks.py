from __future__ import annotations

import numpy as np
import pytest
from library_photo import photo

from shibuya_optics.dataset.leaks import check_leaks, find_leaks
from shibuya_optics.errors import DatasetError


def test_groups_on_one_side_do_not_leak() -> None:
    photos = [photo(i, split=split, fold=i // 2) for i, split in enumerate(("train", "train", "test", "test"))]
    assert find_leaks(photos, np.array([0, 0, 2, 2])) == []


def test_one_pair_is_named_for_each_two_sides() -> None:
    photos = [photo(i, split=split) for i, split in enumerate(("train", "train", "test", "validation"))]
    leaks = find_leaks(photos, np.zeros(4, np.intp))
    assert [leak.what for leak in leaks] == [
        "split train and test",
        "split train and validation",
        "split test and validation",
    ]


def test_folds_leak_too_and_photos_in_no_fold_do_not() -> None:
    photos = [photo(0, split="train", fold=0), photo(1, split="train"), photo(2, split="train", fold=3)]
    (leak,) = find_leaks(photos, np.zeros(3, np.intp))
    assert leak.what == "fold 0 and 3"


def test_a_leak_is_refused_with_the_pairs_and_how_many_more() -> None:
    photos = [photo(i, split=("train", "test")[i % 2], label=f"Salt {i // 2}") for i in range(14)]
    leaks = find_leaks(photos, np.arange(14) // 2)
    with pytest.raises(DatasetError, match=f"{photos[0].sha256[:12]} of Salt 0 and .* and 2 more pairs"):
        check_leaks(leaks)


def test_an_official_leak_is_a_warning_unless_an_own_photo_is_in_it() -> None:
    public = [photo(i, split=split, origin="public:set") for i, split in enumerate(("train", "test"))]
    (warning,) = check_leaks(find_leaks(public, np.zeros(2, np.intp)))
    assert public[0].sha256[:12] in warning
    mixed = [public[0], photo(5, split="test")]
    with pytest.raises(DatasetError, match="the split leaks"):
        check_leaks(find_leaks(mixed, np.zeros(2, np.intp)))
