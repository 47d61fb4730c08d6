from __future__ import annotations

from typing import Any

import pytest
from library_photo import photo

from shibuya_optics.dataset.groups import capture_groups, group_names


def test_photos_of_which_nothing_is_known_stand_alone() -> None:
    assert capture_groups([photo(0), photo(1), photo(2)]).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ({"group": "a"}, {"group": "a"}, True),
        ({"group": "a"}, {"group": "b"}, False),
        ({"sha256": "f" * 64}, {"sha256": "f" * 64, "label": "Rice"}, True),
        ({"origin": "web", "page_url": "p"}, {"origin": "web", "page_url": "p"}, True),
        ({"origin": "web", "page_url": "https://a.b/c", "source": "a.b/c"},) * 2 + (False,),
        ({"origin": "public:set", "page_url": "p"}, {"origin": "public:set", "page_url": "p"}, False),
        ({"taken_at": "2026-01-01T10:00:00+00:00"}, {"taken_at": "2026-01-01T11:02:00+01:00"}, True),
        ({"taken_at": "2026-01-01T10:00:00+00:00"}, {"taken_at": "2026-01-01T10:04:00+00:00"}, False),
        ({"taken_at": "yesterday"}, {"taken_at": "yesterday"}, False),
    ],
)
def test_what_binds_photos_together(first: dict[str, Any], second: dict[str, Any], together: bool) -> None:
    groups = capture_groups([photo(0, **first), photo(1, **second)])
    assert bool(groups[0] == groups[1]) is together


def test_what_pairs_connect_is_one_group() -> None:
    photos = [photo(0, group="a"), photo(1), photo(2, group="a"), photo(3), photo(4)]
    assert capture_groups(photos, [(2, 3), (1, 4)]).tolist() == [0, 1, 0, 0, 1]


def test_a_burst_longer_than_the_gap_is_one_shoot() -> None:
    burst = [photo(i, taken_at=f"2026-01-01T10:{2 * i:02}:00+00:00") for i in range(5)]
    assert set(capture_groups(burst).tolist()) == {0}


def test_groups_keep_their_declared_name_and_others_get_one() -> None:
    photos = [photo(5, group="a"), photo(1), photo(2), photo(3), photo(4, group="b"), photo(6, group="c")]
    groups = capture_groups(photos, [(0, 1), (2, 3), (4, 5)])
    joined = f"together with {4:064x}"[:30]
    assert group_names(photos, groups) == ["a", "a", *[f"together with {2:064x}"[:30]] * 2, joined, joined]
    assert group_names([photo(9)], capture_groups([photo(9)])) == [None]
