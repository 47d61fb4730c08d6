from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.dataset.arrange import Arrangement
from shibuya_optics.dataset.pack import pack, stored_form
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.errors import DatasetError, LibraryError, PhotoError
from shibuya_optics.photo import read_photo
from shibuya_optics.records import Photo

MakeImage = Callable[..., bytes]
AddPhoto = Callable[..., Photo]
TURNED = Image.Exif()
TURNED[0x0112] = 6


def test_a_library_becomes_a_sorted_file(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    test = add_photo(make_image(0), "Dairy/Butter/Lurpak", "test")
    milk = add_photo(make_image(1), "Dairy/Milk/Arla", "train", group="shoot 7")
    salt = add_photo(make_image(2), "Salt", "validation", origin="web")
    summary = pack(library.root, tmp_path / "pantry.h5")
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert pantry.sha256 == (milk.sha256, salt.sha256, test.sha256)
        assert pantry.tree.products == ("Dairy/Butter/Lurpak", "Dairy/Milk/Arla", "Salt")
        assert pantry.labels.tolist() == [1, 2, 0]
        assert pantry.split.tolist() == [0, 1, 2]
        assert pantry.groups == ("shoot 7", None, None)
        assert pantry.origins == ("own", "web", "own")
        assert pantry.jpeg(0) == library.read(milk)
        assert summary.content_hash == pantry.hash
    assert summary.photos == {"train": 1, "validation": 1, "test": 1}
    assert (summary.products, summary.kinds, summary.kept) == (3, 3, 3)
    assert summary.file_bytes == (tmp_path / "pantry.h5").stat().st_size


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_small_jpeg_keeps_its_bytes(make_image: MakeImage, mode: str) -> None:
    received = make_image(size=(60, 40), mode=mode, quality=40)
    assert stored_form(received, 40, "a.jpg") == (received, 60, 40)


def test_damaged_exif_is_no_reason_to_encode_again(make_image: MakeImage) -> None:
    received = make_image(size=(60, 40), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert stored_form(received, 40, "a.jpg") == (received, 60, 40)


@pytest.mark.parametrize(
    "how",
    [
        {"size": (60, 41)},
        {"kind": "PNG"},
        {"kind": "WEBP", "lossless": True},
        {"progressive": True},
        {"mode": "CMYK"},
        {"exif": TURNED},
        {"size": (120, 80)},
    ],
    ids=["larger", "png", "webp", "progressive", "cmyk", "turned", "larger on both sides"],
)
def test_any_other_photo_is_encoded_upright_in_full_colour(make_image: MakeImage, how: dict[str, object]) -> None:
    received = make_image(**{"size": (60, 40), **how})
    jpeg, width, height = stored_form(received, 40, "a")
    assert jpeg != received
    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (width, height))
        assert min(image.size) == 40
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]
        assert not image.getexif()
        assert "progressive" not in image.info


def test_a_rotated_photo_is_stored_upright(make_image: MakeImage) -> None:
    received = make_image(size=(60, 40), exif=TURNED, quality=95)
    jpeg, width, height = stored_form(received, 64, "a.jpg")
    assert (width, height) == (40, 60)
    difference = read_photo(jpeg).astype(int) - read_photo(received)
    assert np.abs(difference).mean() < 3


def test_a_large_photo_is_reduced_as_a_full_decode_and_one_resize_would(make_image: MakeImage) -> None:
    received = make_image(size=(900, 600), quality=95)
    jpeg, width, height = stored_form(received, 64, "a.jpg")
    assert (width, height) == (96, 64)
    slow = np.asarray(Image.fromarray(read_photo(received)).resize((96, 64), Image.Resampling.LANCZOS))
    assert np.abs(read_photo(jpeg).astype(int) - slow).mean() < 3


def test_a_small_photo_is_not_enlarged(make_image: MakeImage) -> None:
    assert stored_form(make_image(size=(60, 40), kind="PNG"), 384, "a.png")[1:] == (60, 40)


def test_own_photos_without_a_split_are_for_judging_first(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    for seed in range(3):
        add_photo(make_image(seed), "Salt", None)
    for seed in range(3, 6):
        add_photo(make_image(seed), "Salt", None, origin="web")
    summary = pack(library.root, tmp_path / "pantry.h5")
    assert summary.photos == {"train": 4, "validation": 1, "test": 1}
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert {pantry.origins[row] for row in (*pantry.rows("validation"), *pantry.rows("test"))} == {"own"}


@pytest.mark.parametrize(("own", "empty"), [(0, "no validation and no test photo"), (1, "no validation photo")])
def test_too_few_own_photos_to_judge_by_are_told(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path, own: int, empty: str
) -> None:
    for seed in range(4):
        add_photo(make_image(seed), "Salt", None, origin="own" if seed < own else "web")
    summary = pack(library.root, tmp_path / "pantry.h5")
    assert f"{own} own photos are too few, there is {empty}" in summary.warnings[0]


def test_an_official_set_without_test_photos_is_no_reason_for_a_warning(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    add_photo(make_image(0), "Salt", "train", origin="public:set", fold=0)
    assert pack(library.root, tmp_path / "pantry.h5").warnings == ()


def test_what_a_declared_split_tears_apart_is_refused_and_named(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    one = add_photo(make_image(0), "Salt", "train", group="shoot 7")
    other = add_photo(make_image(1), "Salt", "test", group="shoot 7")
    with pytest.raises(DatasetError, match="the split leaks") as refused:
        pack(library.root, tmp_path / "pantry.h5")
    assert all(photo.sha256[:12] in str(refused.value) for photo in (one, other))
    assert not (tmp_path / "pantry.h5").exists()


def test_an_official_split_comes_in_unchanged_with_a_warning(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    for split in ("train", "test"):
        add_photo(make_image(0), "Salt", split, origin="public:set")
    summary = pack(library.root, tmp_path / "pantry.h5")
    assert summary.photos == {"train": 1, "validation": 0, "test": 1}
    assert "kept as they are" in summary.warnings[0]


def test_folds_are_laid_over_train_and_validation_photos(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    for seed in range(12):
        split = ("train", "validation", "test")[min(seed // 4, 2)]
        add_photo(make_image(seed), ("Salt", "Rice")[seed % 2], split, origin="public:set")
    summary = pack(library.root, tmp_path / "pantry.h5", how=Arrangement(folds=2))
    assert summary.folds == (4, 4)
    with PantryFile.open(tmp_path / "pantry.h5") as pantry:
        assert [fold for fold, split in zip(pantry.folds, pantry.split, strict=True) if split == 2] == [-1] * 4


def test_an_unreadable_photo_is_named(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    broken = add_photo(make_image(0, size=(200, 200))[:700], "Salt", "train")
    with pytest.raises(PhotoError, match=broken.sha256):
        pack(library.root, tmp_path / "pantry.h5")
    assert not (tmp_path / "pantry.h5").exists()


def test_no_library_no_photos_and_a_tiny_side_are_refused(library: PhotoLibrary, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no photo library"):
        pack(library.root, tmp_path / "pantry.h5")
    library.root.mkdir()
    library.manifest.touch()
    with pytest.raises(DatasetError, match="no photos to pack"):
        pack(library.root, tmp_path / "pantry.h5")
    with pytest.raises(DatasetError, match="a short side of 8 px: give 32 or more"):
        pack(library.root, tmp_path / "pantry.h5", short_side=8)


def test_progress_sees_every_photo(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    add_photo(make_image(0), "Salt")
    seen: list[tuple[object, int]] = []

    def progress(items: Iterable[object], description: str, total: int) -> Iterable[object]:
        for item in items:
            seen.append((item, total))
            yield item

    pack(library.root, tmp_path / "pantry.h5", progress=progress)  # type: ignore[arg-type]
    assert seen == [(library.photos()[0], 1)]


def test_where_photos_come_from_travels_with_them(
    library: PhotoLibrary, add_photo: AddPhoto, make_image: MakeImage, tmp_path: Path
) -> None:
    for seed in range(3):
        add_photo(make_image(seed), "A/B/C", origin="public:set", licence="MIT", source="example.org")
    add_photo(make_image(3), "A/B/D", origin="own")
    pack(library.root, tmp_path / "pantry.h5")
    assert PantryFile.open(tmp_path / "pantry.h5").sources == [
        {"origin": "own", "photos": 1},
        {"origin": "public:set", "source": "example.org", "licence": "MIT", "photos": 3},
    ]
