from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from shibuya_optics.collect.library import BATCH_BYTES, PhotoLibrary
from shibuya_optics.errors import LabelError, LibraryError, NotAPhotoError
from shibuya_optics.records import Photo

JPEG = b"\xff\xd8\xff\xe0 butter"
PNG = b"\x89PNG\r\n\x1a\n oats"


def record(data: bytes, label: str = "Dairy/Butter/Lurpak") -> Photo:
    return Photo(
        sha256=hashlib.sha256(data).hexdigest(),
        label=label,
        origin="own",
        width=4,
        height=3,
        collected_at="2026-01-02T03:04:05+00:00",
    )


@pytest.fixture
def library(tmp_path: Path) -> PhotoLibrary:
    return PhotoLibrary(tmp_path / "library")


def test_what_is_added_is_found_again(library: PhotoLibrary) -> None:
    butter, oats = record(JPEG), record(PNG, "Cereal/Oats/Zwölf")
    assert library.add(JPEG, butter)
    assert library.add(PNG, oats)
    again = PhotoLibrary(library.root)
    assert again.photos() == [butter, oats]
    assert (again.read(butter), again.read(oats)) == (JPEG, PNG)
    assert again.path_of(oats) == library.root / "photos" / oats.sha256[:2] / f"{oats.sha256}.png"


def test_the_same_photo_is_added_once_for_each_label_split_and_fold(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    assert library.add(JPEG, butter)
    assert not library.add(JPEG, replace(butter, collected_at="later"))
    assert not PhotoLibrary(library.root).add(JPEG, butter)
    assert library.add(JPEG, replace(butter, label="Dairy/Butter/Arla"))
    assert library.add(JPEG, replace(butter, split="test"))
    assert library.add(JPEG, replace(butter, fold=0))
    assert library.add(JPEG, replace(butter, fold=1))
    assert library.holds(butter.sha256, butter.label, None, 1)
    assert not library.holds(butter.sha256, butter.label, None, 2)
    assert len(library.photos()) == 5
    assert len(list(library.root.rglob("*.jpg"))) == 1


def test_it_holds_only_what_has_its_line_and_its_file(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    assert not library.holds(butter.sha256, butter.label, None)
    library.add(JPEG, butter)
    assert library.holds(butter.sha256, butter.label, None)
    assert not library.holds(butter.sha256, butter.label, "test")
    library.path_of(butter).unlink()
    assert not library.holds(butter.sha256, butter.label, None)


def test_a_lost_file_comes_back_without_a_second_line(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    library.add(JPEG, butter)
    library.path_of(butter).unlink()
    with pytest.raises(LibraryError, match="has no file for the photo"):
        library.read(butter)
    assert not library.add(JPEG, butter)
    assert library.read(butter) == JPEG
    assert library.photos() == [butter]


def test_a_half_last_line_is_left_aside_and_cut_off_by_the_next_add(library: PhotoLibrary) -> None:
    butter, oats = record(JPEG), record(PNG, "Cereal/Oats/Oatly")
    library.add(JPEG, butter)
    whole = library.manifest.read_bytes()
    library.manifest.write_bytes(whole + whole[: len(whole) // 2])
    assert library.photos() == [butter]
    assert PhotoLibrary(library.root).add(PNG, oats)
    assert library.photos() == [butter, oats]
    assert library.manifest.read_bytes().startswith(whole + b"{")


def test_a_whole_last_line_without_its_end_counts(library: PhotoLibrary) -> None:
    butter, oats = record(JPEG), record(PNG, "Cereal/Oats/Oatly")
    library.add(JPEG, butter)
    library.manifest.write_bytes(library.manifest.read_bytes().rstrip(b"\n"))
    assert library.photos() == [butter]
    library.add(PNG, oats)
    assert library.photos() == [butter, oats]


def test_many_are_added_as_one_by_one_would(library: PhotoLibrary, tmp_path: Path) -> None:
    photos = [(data := JPEG + bytes([i % 50]) * (BATCH_BYTES // 20), record(data, f"Salt {i % 70}")) for i in range(90)]
    one_by_one = PhotoLibrary(tmp_path / "slow")
    assert library.add_all(photos) == sum(one_by_one.add(data, photo) for data, photo in photos) == 90
    assert library.add_all(photos) == 0
    assert library.manifest.read_bytes() == one_by_one.manifest.read_bytes()
    assert [library.read(photo) for _, photo in photos] == [data for data, _ in photos]
    assert len(list(library.root.rglob("*.*"))) == 51


def test_one_of_many_refused_keeps_those_before_it(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    with pytest.raises(NotAPhotoError):
        library.add_all([(JPEG, butter), (b"<html>", record(b"<html>")), (PNG, record(PNG))])
    assert library.photos() == [butter]


def test_a_file_name_that_is_no_utf8_reads_back(library: PhotoLibrary) -> None:
    butter = replace(record(JPEG), source=os.fsdecode(b"caf\xe9.jpg"))
    library.add(JPEG, butter)
    assert library.photos() == [butter]


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[1, 2]",
        b'{"sha256": "00"}',
        b'{"sha256": "../../etc", "label": "A", "origin": "own", "width": 1, "height": 1, "collected_at": ""}',
    ],
)
def test_a_line_that_is_no_record_is_named(library: PhotoLibrary, line: bytes) -> None:
    library.add(JPEG, record(JPEG))
    with library.manifest.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(LibraryError, match=r"manifest\.jsonl line 2 is no photo record"):
        library.photos()


def test_no_library_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"no photo library at .*nowhere"):
        PhotoLibrary(tmp_path / "nowhere").photos()


def test_an_edited_photo_is_refused(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    library.add(JPEG, butter)
    library.path_of(butter).write_bytes(JPEG + b"!")
    with pytest.raises(LibraryError, match="was changed since it was added"):
        library.read(butter)


def test_what_does_not_fit_is_refused_before_anything_is_written(library: PhotoLibrary) -> None:
    butter = record(JPEG)
    with pytest.raises(LibraryError, match="the bytes have another"):
        library.add(PNG, butter)
    with pytest.raises(LibraryError, match="in its written form"):
        library.add(JPEG, replace(butter, label="Dairy / Butter"))
    with pytest.raises(LabelError, match="empty name"):
        library.add(JPEG, replace(butter, label=""))
    with pytest.raises(LibraryError, match="split 'dev': give one of train, validation, test"):
        library.add(JPEG, replace(butter, split="dev"))  # type: ignore[arg-type]
    for fold in (-1, 127, True, "0"):
        with pytest.raises(LibraryError, match="give a whole number from 0 to 126"):
            library.add(JPEG, replace(butter, fold=fold))  # type: ignore[arg-type]
    with pytest.raises(LibraryError, match="give characters that print"):
        library.add(JPEG, replace(butter, group="shoot\n1"))
    with pytest.raises(NotAPhotoError, match="a web page"):
        library.add(b"<html>", record(b"<html>"))
    assert not library.root.exists()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("a file")
    with pytest.raises(LibraryError, match="cannot be written"):
        PhotoLibrary(tmp_path / "library").add(JPEG, record(JPEG))


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (JPEG, "jpg"),
        (PNG, "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"\x00\x00\x00\x18ftypavif", "avif"),
        (b"II*\x00", "tif"),
        (b"BM" + bytes(12) + b"\x28\x00\x00\x00", "bmp"),
        (b"GIF89a", "gif"),
    ],
)
def test_the_suffix_follows_the_bytes_and_is_found_again(library: PhotoLibrary, data: bytes, suffix: str) -> None:
    library.add(data, record(data))
    assert library.path_of(record(data)).suffix == f".{suffix}"
    assert not library.add(data, record(data))
    assert library.read(record(data)) == data
