from __future__ import annotations

import os
from pathlib import Path

import pytest

from shibuya_optics.errors import PhotoError, PhotoNotFoundError
from shibuya_optics.photo import find_photos, hash_of_photos


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_finds_photos_below_a_folder_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.JPG", "b/1.png", "a.heic", "c/deep/er/x.webp", "notes.txt", "jpg", "b/list.json")
    assert [path.relative_to(tmp_path).as_posix() for path in find_photos(tmp_path)] == [
        "a.heic",
        "b/1.png",
        "b/2.JPG",
        "c/deep/er/x.webp",
    ]


def test_leaves_hidden_files_and_folders_out(tmp_path: Path) -> None:
    touch(tmp_path, "._milk.jpg", ".thumbnails/milk.jpg", "milk.jpg")
    assert find_photos(str(tmp_path)) == [tmp_path / "milk.jpg"]


def test_a_file_gives_itself_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "README.md")
    assert find_photos(tmp_path / "README.md") == [tmp_path / "README.md"]


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt")
    with pytest.raises(PhotoNotFoundError, match="there is no photo in the folder .*: put JPEG, PNG"):
        find_photos(tmp_path)


def test_no_such_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoNotFoundError, match="there is no file or folder .*: check the path"):
        find_photos(tmp_path / "none")


def test_a_folder_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "open/milk.jpg", "locked/milk.jpg")
    scan = os.scandir

    def scan_all_but_one(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scan_all_but_one)
    with pytest.raises(PhotoError, match=r"locked' cannot be opened \(Permission denied\)"):
        find_photos(tmp_path)


def test_the_hash_of_photos_is_of_their_contents_alone(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    for path, content in zip(paths, (b"one", b"two", b"one"), strict=True):
        path.write_bytes(content)
    a, b, c = paths
    assert hash_of_photos([a, b]) == hash_of_photos([b, c])
    assert len({hash_of_photos(some) for some in ([a], [b], [a, b], [a, c], [])}) == 5
    with pytest.raises(PhotoError, match="gone.jpg cannot be read"):
        hash_of_photos([tmp_path / "gone.jpg"])
