from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.grocery_store import Part, add_grocery_store
from shibuya_optics.dataset.pack import pack
from shibuya_optics.errors import DatasetError, PhotoError

Item = TypeVar("Item")
MakeImage = Callable[..., bytes]
HEADER = (
    "Class Name (str),Class ID (int),Coarse Class Name (str),Coarse Class ID (int),"
    "Iconic Image Path (str),Product Description Path (str)"
)
LISTED = {
    "train.txt": ["Fruit/Apple/Royal-Gala/a.jpg, 0, 0", "Fruit/Avocado/b.jpg, 1, 1"],
    "val.txt": ["Packages/Milk/Arla-Milk/c.jpg, 2, 2"],
    "test.txt": ["Fruit/Avocado/d.jpg, 1, 1", "Fruit/Apple/Royal-Gala/e.jpg, 0, 0"],
}


@pytest.fixture
def groceries(tmp_path: Path, make_image: MakeImage) -> Path:
    """A Grocery Store set of five photos and three studio pictures, in the authors' form."""
    folder = tmp_path / "grocery-store"
    folder.mkdir()
    classes = [
        "Royal-Gala,0,Apple,0,/pictures/Fruit/Apple/Royal-Gala_Iconic.jpg,",
        "Avocado,1,Avocado,1,/pictures/Fruit/Avocado_Iconic.jpg,",
        "Arla-Milk,2,Milk,2,/pictures/Packages/Milk_Iconic.jpg,",
    ]
    for number, picture in enumerate(("Fruit/Apple/Royal-Gala", "Fruit/Avocado", "Packages/Milk")):
        photo = folder / "iconic" / f"{picture}_Iconic.jpg"
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(make_image(100 + number))
    (folder / "classes.csv").write_bytes("\r\n".join([HEADER, *classes, ""]).encode())
    for seed, (name, lines) in enumerate(LISTED.items()):
        top = name.removesuffix(".txt")
        (folder / name).write_text("".join(f"{top}/{line}\n" for line in lines))
        for number, line in enumerate(lines):
            photo = folder / top / line.split(",")[0]
            photo.parent.mkdir(parents=True, exist_ok=True)
            photo.write_bytes(make_image(10 * seed + number))
    return folder


def test_the_official_split_comes_in_unchanged(groceries: Path, tmp_path: Path) -> None:
    summary = add_grocery_store(groceries, tmp_path / "work")
    photos = PhotoLibrary(tmp_path / "work").photos()
    assert [(photo.split, photo.label) for photo in photos] == [
        ("train", "Fruit/Apple/Royal-Gala"),
        ("train", "Fruit/Avocado/Avocado"),
        ("validation", "Packages/Milk/Arla-Milk"),
        ("test", "Fruit/Avocado/Avocado"),
        ("test", "Fruit/Apple/Royal-Gala"),
    ]
    assert {(photo.origin, photo.licence, photo.source, photo.group) for photo in photos} == {
        ("public:grocery-store", "MIT", "github.com/marcusklasson/GroceryStoreDataset", None)
    }
    assert {(photo.width, photo.height) for photo in photos} == {(48, 32)}
    assert (
        PhotoLibrary(tmp_path / "work").read(photos[2])
        == (groceries / "val/Packages/Milk/Arla-Milk/c.jpg").read_bytes()
    )
    assert summary.photos == {"train": 2, "validation": 1, "test": 2}
    assert (summary.added, summary.products, summary.kinds, summary.warnings) == (5, 3, 3, ())
    assert summary.folds == ()


def test_studio_pictures_join_the_training_photos(groceries: Path, tmp_path: Path) -> None:
    add_grocery_store(groceries, tmp_path / "work")
    summary = add_grocery_store(groceries, tmp_path / "work", part="natural-and-iconic")
    assert (summary.photos, summary.added) == ({"train": 5, "validation": 1, "test": 2}, 3)
    added = PhotoLibrary(tmp_path / "work").photos()[5:]
    assert [(photo.origin, photo.split, photo.label) for photo in added] == [
        ("web", "train", "Fruit/Apple/Royal-Gala"),
        ("web", "train", "Fruit/Avocado/Avocado"),
        ("web", "train", "Packages/Milk/Arla-Milk"),
    ]


def test_studio_pictures_are_not_one_group_for_coming_from_one_place(groceries: Path, tmp_path: Path) -> None:
    add_grocery_store(groceries, tmp_path / "web", part="web-to-own")
    assert pack(tmp_path / "web", tmp_path / "pantry.h5").groups == 0


def test_from_web_to_own_no_natural_photo_is_for_training(groceries: Path, tmp_path: Path) -> None:
    (groceries / "iconic").rename(groceries / "pictures")
    summary = add_grocery_store(groceries, tmp_path / "web", part="web-to-own")
    photos = PhotoLibrary(tmp_path / "web").photos()
    assert summary.photos == {"train": 3, "validation": 1, "test": 2}
    assert {(photo.split, photo.origin) for photo in photos} == {
        ("train", "web"),
        ("validation", "own"),
        ("test", "own"),
    }
    pictures = [
        groceries / "pictures/Fruit/Apple/Royal-Gala_Iconic.jpg",
        groceries / "pictures/Fruit/Avocado_Iconic.jpg",
    ]
    library = PhotoLibrary(tmp_path / "web")
    assert [library.read(photo) for photo in photos[:2]] == [picture.read_bytes() for picture in pictures]


@pytest.mark.parametrize(("first", "second"), [("natural", "web-to-own"), ("web-to-own", "natural-and-iconic")])
def test_one_library_does_not_mix_what_is_held_out(groceries: Path, tmp_path: Path, first: Part, second: Part) -> None:
    add_grocery_store(groceries, tmp_path / "work", part=first)
    before = (tmp_path / "work/manifest.jsonl").read_bytes()
    with pytest.raises(DatasetError, match="holds photos of Grocery Store with the origin .*: give another library"):
        add_grocery_store(groceries, tmp_path / "work", part=second)
    assert (tmp_path / "work/manifest.jsonl").read_bytes() == before


def test_a_product_without_a_studio_picture_is_refused(groceries: Path, tmp_path: Path) -> None:
    classes = (groceries / "classes.csv").read_text()
    (groceries / "classes.csv").write_text(classes.replace("/pictures/Fruit/Avocado_Iconic.jpg", ""))
    with pytest.raises(DatasetError, match="gives Avocado/Avocado the studio picture ''"):
        add_grocery_store(groceries, tmp_path / "work", part="web-to-own")
    assert add_grocery_store(groceries, tmp_path / "work").added == 5


def test_run_again_it_adds_nothing(groceries: Path, tmp_path: Path) -> None:
    add_grocery_store(groceries, tmp_path / "work")
    before = (tmp_path / "work/manifest.jsonl").read_bytes()
    summary = add_grocery_store(groceries, tmp_path / "work")
    assert (summary.added, summary.photos["train"]) == (0, 2)
    assert (tmp_path / "work/manifest.jsonl").read_bytes() == before


def test_stopped_in_the_middle_it_completes(groceries: Path, tmp_path: Path) -> None:
    def stop_after_two(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
        for number, item in enumerate(items):
            if number == 2:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        add_grocery_store(groceries, tmp_path / "work", progress=stop_after_two)
    manifest = tmp_path / "work/manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-5])
    assert add_grocery_store(groceries, tmp_path / "work").added == 4
    labels = [photo.label for photo in PhotoLibrary(tmp_path / "work").photos()]
    add_grocery_store(groceries, tmp_path / "whole")
    assert labels == [photo.label for photo in PhotoLibrary(tmp_path / "whole").photos()]


def test_a_clone_of_the_repository_will_do(groceries: Path, tmp_path: Path) -> None:
    clone = tmp_path / "GroceryStoreDataset"
    clone.mkdir()
    groceries.rename(clone / "dataset")
    assert add_grocery_store(clone, tmp_path / "work").added == 5


def test_identical_bytes_across_splits_are_kept_and_told(groceries: Path, tmp_path: Path) -> None:
    train, test = groceries / "train/Fruit/Avocado/b.jpg", groceries / "test/Fruit/Avocado/d.jpg"
    test.write_bytes(train.read_bytes())
    summary = add_grocery_store(groceries, tmp_path / "work")
    assert summary.added == 5
    assert len(PhotoLibrary(tmp_path / "work").photos()) == 5
    (warning,) = summary.warnings
    assert warning.startswith("photos with identical bytes that stand in more than one split: 1,")
    assert "train/Fruit/Avocado/b.jpg = test/Fruit/Avocado/d.jpg" in warning


def test_a_row_that_repeats_another_is_told(groceries: Path, tmp_path: Path) -> None:
    with (groceries / "val.txt").open("a") as file:
        file.write("val/Packages/Milk/Arla-Milk/c.jpg, 2, 2\n")
    summary = add_grocery_store(groceries, tmp_path / "work")
    assert (summary.photos["validation"], summary.added) == (2, 5)
    assert "count once in the library" in summary.warnings[0]


def test_another_folder_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"is not the Grocery Store set: classes\.csv, train\.txt, val\.txt, test\.txt"
    ):
        add_grocery_store(tmp_path, tmp_path / "work")


def test_missing_photos_are_listed_and_nothing_is_added(groceries: Path, tmp_path: Path) -> None:
    (groceries / "test/Fruit/Avocado/d.jpg").unlink()
    (groceries / "train/Fruit/Avocado/b.jpg").unlink()
    with pytest.raises(
        DatasetError, match=r"2 of the 5 .*: train/Fruit/Avocado/b\.jpg, test/Fruit/Avocado/d\.jpg; get"
    ):
        add_grocery_store(groceries, tmp_path / "work")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("test/Fruit/Avocado/d.jpg", "is not understood"),
        ("test/Fruit/Avocado/d.jpg, 1", "is not understood"),
        ("../test/Fruit/d.jpg, 1, 1", "is not understood"),
        ("/test/Fruit/d.jpg, 1, 1", "is not understood"),
        ("test/Fruit/Avocado/d.jpg, 1, 2", "class 1 of coarse class 2 is not in classes.csv"),
    ],
)
def test_a_line_that_is_not_understood_is_named(groceries: Path, tmp_path: Path, line: str, message: str) -> None:
    with (groceries / "test.txt").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(DatasetError, match=rf"test\.txt line 3: .*{message}"):
        add_grocery_store(groceries, tmp_path / "work")


def test_other_columns_are_refused(groceries: Path, tmp_path: Path) -> None:
    (groceries / "classes.csv").write_text("name,id\nAvocado,1\n")
    with pytest.raises(DatasetError, match=r"classes\.csv has the columns \['name', 'id'\]"):
        add_grocery_store(groceries, tmp_path / "work")


def test_an_unreadable_photo_is_named(groceries: Path, tmp_path: Path) -> None:
    (groceries / "val/Packages/Milk/Arla-Milk/c.jpg").write_bytes(b"<html>")
    with pytest.raises(PhotoError, match=r"Arla-Milk/c\.jpg"):
        add_grocery_store(groceries, tmp_path / "work")
