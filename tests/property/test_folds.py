"""Of groups, splits and folds, for any photos in any order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from library_photo import photo

from shibuya_optics.dataset.folds import assigned_splits, laid_folds
from shibuya_optics.dataset.groups import capture_groups
from shibuya_optics.dataset.leaks import find_leaks
from shibuya_optics.records import Photo

some = settings(max_examples=60, deadline=None)
facts = st.tuples(
    st.sampled_from(["Salt", "Rice", "Dairy/Milk/Arla"]),
    st.sampled_from(["own", "web"]),
    st.none() | st.sampled_from("abcd"),
)


@st.composite
def libraries(draw: st.DrawFn, least: int = 1) -> list[Photo]:
    each = draw(st.lists(facts, min_size=least, max_size=30))
    return [photo(i, label=label, origin=origin, group=group) for i, (label, origin, group) in enumerate(each)]


def by_photo(photos: list[Photo], seed: int) -> dict[str, str]:
    splits = assigned_splits(photos, capture_groups(photos), seed)
    return {each.sha256: split for each, split in zip(photos, splits, strict=True)}


@some
@given(libraries().flatmap(lambda p: st.tuples(st.just(p), st.permutations(p))), st.integers(0, 5))
def test_a_permutation_changes_no_split(orders: tuple[list[Photo], list[Photo]], seed: int) -> None:
    assert by_photo(orders[0], seed) == by_photo(orders[1], seed)


@some
@given(libraries(), st.integers(0, 5))
def test_no_group_straddles_and_own_photos_are_never_for_training_alone(photos: list[Photo], seed: int) -> None:
    groups = capture_groups(photos)
    splits = assigned_splits(photos, groups, seed)
    for group in set(groups.tolist()):
        assert len({split for split, of in zip(splits, groups, strict=True) if of == group}) == 1
    own = [split for each, split in zip(photos, splits, strict=True) if each.origin == "own"]
    assert not own or "test" in own
    assert find_leaks([photo(i, split=split) for i, split in enumerate(splits)], groups) == []


@some
@given(libraries(least=6), st.integers(2, 4), st.integers(0, 5))
def test_folds_are_disjoint_and_cover_and_keep_groups_whole(photos: list[Photo], count: int, seed: int) -> None:
    groups = capture_groups(photos)
    labels = [each.label for each in photos]
    most = min(len(set(groups.tolist())), max(labels.count(label) for label in labels))
    if count > most:
        return
    folds = laid_folds(labels, groups, count, seed)
    assert folds.min() >= 0
    assert folds.max() < count
    for group in np.unique(groups):
        assert len(set(folds[groups == group].tolist())) == 1
    assert np.array_equal(folds, laid_folds(labels, groups, count, seed))
