"""Of the photo library and the dataset file, for any photos in any order."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.arrange import Arrangement
from shibuya_optics.dataset.folds import assigned_splits, laid_folds
from shibuya_optics.dataset.groups import SHOOT_SECONDS, capture_groups
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.errors import DatasetError
from shibuya_optics.labels import LabelTree
from shibuya_optics.records import SPLITS, Photo

LABELS = ("Dairy/Butter/Lurpak", "Dairy/Butter/Arla", "Dairy/Milk/Arla", "Salt", "Getränke/Säfte/Äpfel")
groups = st.none() | st.text(st.characters().filter(str.isprintable), min_size=1, max_size=4)
some = settings(max_examples=25, deadline=None)


def _jpeg(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((2, 3, 3), shade, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


JPEGS = [_jpeg(shade) for shade in range(0, 250, 25)]


@dataclass(frozen=True)
class Taken:
    """A photo to add: which of the pictures, and its record."""

    picture: int
    record: Photo

    @property
    def data(self) -> bytes:
        return JPEGS[self.picture]


@st.composite
def taken(draw: st.DrawFn) -> Taken:
    picture = draw(st.integers(0, len(JPEGS) - 1))
    record = Photo(
        sha256=hashlib.sha256(JPEGS[picture]).hexdigest(),
        label=draw(st.sampled_from(LABELS)),
        origin=draw(st.sampled_from(["public:set", "public:other"])),
        group=draw(groups),
        split=draw(st.sampled_from(SPLITS)),
        fold=draw(st.none() | st.integers(0, 4)),
        width=3,
        height=2,
        collected_at=draw(st.sampled_from(["2026-01-02T03:04:05+00:00", "2026-05-06T07:08:09+00:00"])),
    )
    return Taken(picture, record)


def _key(photo: Taken) -> tuple[str, str, str | None, int | None]:
    return photo.record.sha256, photo.record.label, photo.record.split, photo.record.fold


photos = st.lists(taken(), min_size=1, max_size=12, unique_by=_key)


def _filled(root: Path, content: Sequence[Taken]) -> PhotoLibrary:
    library = PhotoLibrary(root)
    for photo in content:
        library.add(photo.data, photo.record)
    return library


rows = st.builds(
    Row,
    jpeg=st.binary(min_size=1, max_size=60),
    label=st.sampled_from(LABELS),
    split=st.sampled_from(SPLITS),
    origin=st.sampled_from(["own", "web"]),
    group=groups,
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    width=st.integers(1, 9999),
    height=st.integers(1, 9999),
    fold=st.none() | st.integers(0, 126),
)


@some
@given(st.lists(rows, min_size=1, max_size=20))
def test_what_is_packed_is_unpacked(content: list[Row]) -> None:
    with TemporaryDirectory() as folder:
        content_hash = write_pantry(Path(folder) / "pantry.h5", content, LabelTree.of(LABELS))
        with PantryFile.open(Path(folder) / "pantry.h5") as pantry:
            unpacked = [
                Row(
                    jpeg=pantry.jpeg(i),
                    label=pantry.tree.products[pantry.labels[i]],
                    split=SPLITS[pantry.split[i]],
                    origin=pantry.origins[i],
                    group=pantry.groups[i],
                    sha256=pantry.sha256[i],
                    width=int(pantry.width[i]),
                    height=int(pantry.height[i]),
                    fold=None if pantry.folds[i] < 0 else int(pantry.folds[i]),
                )
                for i in range(len(pantry))
            ]
            assert pantry.hash == content_hash
    assert unpacked == content


@some
@given(photos.flatmap(lambda content: st.tuples(st.just(content), st.permutations(content))), st.text(max_size=3))
def test_a_permutation_of_the_library_changes_nothing(orders: tuple[list[Taken], list[Taken]], when: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        first, second = orders
        _filled(root / "a", first)
        _filled(root / "b", [replace(photo, record=replace(photo.record, collected_at=when)) for photo in second])
        summaries = [pack(root / name, root / f"{name}.h5") for name in "ab"]
        assert summaries[0].content_hash == summaries[1].content_hash
        assert summaries[0].photos == summaries[1].photos
        assert (root / "a.h5").read_bytes() == (root / "b.h5").read_bytes()
        with PantryFile.open(root / "b.h5") as pantry:
            found = {
                (sha256, pantry.tree.products[label], SPLITS[split], None if fold < 0 else int(fold))
                for sha256, label, split, fold in zip(
                    pantry.sha256, pantry.labels, pantry.split, pantry.folds, strict=True
                )
            }
        assert found == {_key(photo) for photo in first}


@st.composite
def undecided(draw: st.DrawFn) -> Taken:
    """A photo of no public set: own or from the web, with no split."""
    photo = draw(taken())
    shoot = st.none() | st.integers(0, 59).map(lambda minute: f"2026-01-02T03:{minute:02}:00+00:00")
    page = st.none() | st.sampled_from(["https://a.example/1", "https://a.example/2"])
    record = replace(
        photo.record,
        origin=draw(st.sampled_from(["own", "web"])),
        split=None,
        fold=None,
        group=draw(st.none() | st.sampled_from("ab")),
        taken_at=draw(shoot),
        page_url=draw(page),
    )
    return replace(photo, record=record)


unsplit = st.lists(undecided(), min_size=1, max_size=12, unique_by=_key)
pairs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=4)


def _bound(one: Photo, other: Photo) -> bool:
    """The obvious twin of what binds two photos directly; the page of these is never that of a whole source."""
    own, web = (all(photo.origin == origin for photo in (one, other)) for origin in ("own", "web"))
    times = [datetime.fromisoformat(photo.taken_at) for photo in (one, other) if photo.taken_at]
    return (
        one.sha256 == other.sha256
        or (one.group is not None and one.group == other.group)
        or (web and one.page_url is not None and one.page_url == other.page_url)
        or (own and len(times) == 2 and abs((times[0] - times[1]).total_seconds()) <= SHOOT_SECONDS)
    )


def _partition(numbers: Sequence[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, other in enumerate(numbers) if other == number) for number in numbers}


@some
@given(unsplit, pairs)
def test_groups_are_what_a_slow_search_connects(content: list[Taken], near: list[tuple[int, int]]) -> None:
    records = [photo.record for photo in content]
    inside = [(a, b) for a, b in near if max(a, b) < len(records)]
    reached = np.array([[_bound(one, other) for other in records] for one in records]) | np.eye(
        len(records), dtype=bool
    )
    for a, b in inside:
        reached[a, b] = reached[b, a] = True
    for _ in records:
        reached = reached @ reached
    found = capture_groups(records, inside).tolist()
    assert _partition(found) == {frozenset(np.flatnonzero(row).tolist()) for row in reached}


@some
@given(unsplit, st.integers(0, 3))
def test_no_group_straddles_a_split_and_own_photos_are_judged_by(content: list[Taken], seed: int) -> None:
    records = [photo.record for photo in content]
    groups = capture_groups(records)
    splits = assigned_splits(records, groups, seed)
    for group in set(groups.tolist()):
        members = np.flatnonzero(groups == group)
        assert len({splits[i] for i in members}) == 1
        if not any(records[i].origin == "own" for i in members):
            assert splits[members[0]] == "train"
    assert ("test" in splits) is any(record.origin == "own" for record in records)


@some
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.integers(0, 9)), min_size=2, max_size=40), st.integers(2, 4))
def test_folds_part_the_photos_and_keep_groups_whole(content: list[tuple[str, int]], count: int) -> None:
    labels, groups = [label for label, _ in content], np.array([group for _, group in content])
    try:
        folds = laid_folds(labels, groups, count, seed=0)
    except DatasetError as refused:
        assert re.search("give 2 or more|one stays empty", str(refused))  # noqa: PT017 - of a refusal, if there is one
        return
    assert set(folds.tolist()) == set(range(count))
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1


@some
@given(unsplit.flatmap(lambda content: st.tuples(st.just(content), st.permutations(content))), st.sampled_from([0, 2]))
def test_a_permutation_of_own_photos_changes_no_split_and_no_fold(
    orders: tuple[list[Taken], list[Taken]], folds: int
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        outcomes = []
        for name, content in zip("ab", orders, strict=True):
            _filled(root / name, content)
            how = Arrangement(folds=folds, seed=1, near=False)
            try:
                outcomes.append(pack(root / name, root / f"{name}.h5", how=how).content_hash)
            except DatasetError as refused:
                outcomes.append(str(refused))
        assert outcomes[0] == outcomes[1]
        if (root / "a.h5").exists():
            assert (root / "a.h5").read_bytes() == (root / "b.h5").read_bytes()


@some
@given(photos, st.floats(0, 1, exclude_max=True))
def test_a_crash_in_a_line_loses_that_photo_and_no_other(content: list[Taken], part: float) -> None:
    with TemporaryDirectory() as folder:
        library = _filled(Path(folder), content)
        records = library.photos()
        whole = library.manifest.read_bytes()
        start = whole[:-1].rfind(b"\n") + 1
        library.manifest.write_bytes(whole[: start + int(part * (len(whole) - 1 - start))])
        assert library.photos() == records[:-1]
        assert PhotoLibrary(folder).add(content[-1].data, content[-1].record)
        assert library.manifest.read_bytes() == whole


@some
@given(st.lists(taken(), min_size=1, max_size=12))
def test_adding_again_changes_nothing(content: list[Taken]) -> None:
    with TemporaryDirectory() as folder:
        library = _filled(Path(folder), content)
        whole = library.manifest.read_bytes()
        assert not any(library.add(photo.data, photo.record) for photo in content)
        assert not any(PhotoLibrary(folder).add(photo.data, photo.record) for photo in content)
        assert library.manifest.read_bytes() == whole
        assert len(library.photos()) == len({_key(photo) for photo in content})
