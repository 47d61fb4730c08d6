from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.freiburg_groceries import add_freiburg_groceries
from shibuya_optics.dataset.pack import pack
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError

MakeImage = Callable[..., bytes]
PHOTOS = [f"{kind}/{kind.upper()}{number:04}.jpg" for kind in ("tea", "tomato_sauce") for number in range(5)]
IDS = {"tea": 16, "tomato_sauce": 23}


def line_of(photo: str) -> str:
    return f"{photo} {IDS[photo.split('/', maxsplit=1)[0]]}\n"


@pytest.fixture
def groceries(tmp_path: Path, make_image: MakeImage) -> Path:
    """A Freiburg Groceries set of ten photos, two a fold, in the authors' form."""
    folder = tmp_path / "freiburg-groceries"
    (folder / "folds").mkdir(parents=True)
    (folder / "classid.txt").write_text("TEA 16\nTOMATO_SAUCE 23\n")
    for seed, path in enumerate(PHOTOS):
        photo = folder / "images" / path
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(make_image(seed))
    for fold in range(5):
        test = PHOTOS[fold::5]
        (folder / f"folds/test{fold}.txt").write_text("".join(map(line_of, test)))
        train = [photo for photo in PHOTOS if photo not in test]
        (folder / f"folds/train{fold}.txt").write_text("".join(map(line_of, reversed(train))))
    return folder


def test_the_official_folds_come_in_unchanged(groceries: Path, tmp_path: Path) -> None:
    summary = add_freiburg_groceries(groceries, tmp_path / "work")
    library = PhotoLibrary(tmp_path / "work")
    assert (summary.added, summary.folds, summary.photos["train"], summary.warnings) == (10, (2, 2, 2, 2, 2), 10, ())
    assert (summary.products, summary.kinds) == (2, 1)
    for photo in library.photos():
        seed = next(
            i for i, path in enumerate(PHOTOS) if (groceries / "images" / path).read_bytes() == library.read(photo)
        )
        assert photo.fold == seed % 5
        assert photo.label == ("Groceries/Tea" if seed < 5 else "Groceries/Tomato sauce")
        assert (photo.split, photo.origin, photo.licence) == ("train", "public:freiburg-groceries", "none stated")
    assert add_freiburg_groceries(groceries, tmp_path / "work").added == 0


def test_the_folds_reach_the_dataset_file(groceries: Path, tmp_path: Path) -> None:
    add_freiburg_groceries(groceries, tmp_path / "work")
    pack(tmp_path / "work", tmp_path / "pantry.h5")
    pantry = PantryFile.open(tmp_path / "pantry.h5")
    assert pantry.fold_count == 5
    assert [len(pantry.fold_rows(fold).held_out) for fold in range(5)] == [2] * 5
    assert pantry.sources[0]["licence"] == "none stated"


def test_identical_bytes_across_folds_are_kept_and_told(groceries: Path, tmp_path: Path) -> None:
    (groceries / "images" / PHOTOS[1]).write_bytes((groceries / "images" / PHOTOS[0]).read_bytes())
    summary = add_freiburg_groceries(groceries, tmp_path / "work")
    assert summary.added == 10
    (warning,) = summary.warnings
    assert warning.startswith(
        "photos with identical bytes that stand in more than one fold; no turn learns from a copy"
    )
    assert f"1, the first images/{PHOTOS[0]} = images/{PHOTOS[1]}" in warning


def test_identical_bytes_in_one_fold_count_once(groceries: Path, tmp_path: Path) -> None:
    for path, to in ((PHOTOS[0], PHOTOS[5]), (PHOTOS[1], PHOTOS[6])):
        (groceries / "images" / to).write_bytes((groceries / "images" / path).read_bytes())
    for name in groceries.glob("folds/*"):
        name.write_text(name.read_text().replace(line_of(PHOTOS[5]), line_of(PHOTOS[5]).replace("23", "16")))
    summary = add_freiburg_groceries(groceries, tmp_path / "work")
    assert (summary.added, summary.folds) == (9, (2, 2, 2, 2, 2))
    assert "count once in the library: 1, the first images/tea/TEA0000.jpg" in summary.warnings[0]


def test_what_the_train_lists_leave_out_is_told(groceries: Path, tmp_path: Path) -> None:
    train = groceries / "folds/train2.txt"
    train.write_text(train.read_text().replace(line_of(PHOTOS[0]), "").replace(line_of(PHOTOS[6]), ""))
    (warning,) = add_freiburg_groceries(groceries, tmp_path / "work").warnings
    assert "leave out 2 photos that are not in their test list either (2 of fold 2)" in warning


def test_another_folder_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"is not the Freiburg Groceries set: classid\.txt, .* and 6 more missing"):
        add_freiburg_groceries(tmp_path, tmp_path / "work")


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("folds/test0.txt", line_of(PHOTOS[1]), f"1 photos in more than one test list: {PHOTOS[1]}"),
        ("folds/train0.txt", line_of(PHOTOS[0]), r"train0\.txt lists 1 photos that are in folds/test0\.txt"),
        ("folds/train0.txt", "tea/TEA0009.jpg 16\n", "in no test list"),
        (
            "folds/test0.txt",
            "tea/TEA0009.jpg 16\n",
            r"1 of the 11 listed photos are not in .*: images/tea/TEA0009\.jpg",
        ),
        ("folds/test0.txt", "tea/TEA0009.jpg\n", "line 3: .* is not understood"),
        ("folds/test0.txt", "../tea/TEA0009.jpg 16\n", "line 3: .* is not understood"),
        ("folds/test0.txt", "tea/TEA0009.jpg 17\n", "line 3: .* is not understood"),
        ("classid.txt", "TEA\n", "line 3: 'TEA' is not understood"),
    ],
)
def test_lists_that_do_not_part_the_photos_are_refused(
    groceries: Path, tmp_path: Path, name: str, line: str, message: str
) -> None:
    with (groceries / name).open("a") as file:
        file.write(line)
    with pytest.raises(DatasetError, match=message):
        add_freiburg_groceries(groceries, tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_a_photo_in_no_list_is_refused(groceries: Path, tmp_path: Path, make_image: MakeImage) -> None:
    (groceries / "images/tea/TEA0009.jpg").write_bytes(make_image(99))
    with pytest.raises(DatasetError, match=r"has 1 photos in no test list: tea/TEA0009\.jpg"):
        add_freiburg_groceries(groceries, tmp_path / "work")
