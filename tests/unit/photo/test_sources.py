from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from shibuya_optics.errors import (
    EmptyPhotoError,
    NotAPhotoError,
    PhotoError,
    PhotoNotFoundError,
    TooManyBytesError,
)
from shibuya_optics.photo import MOST_BYTES, read_photo

Pixels = NDArray[np.uint8]


@pytest.fixture
def file(photo: Pixels, file_of: Callable[..., bytes]) -> bytes:
    return file_of(photo, "PNG")


class Endless(io.RawIOBase):
    """A stream that never ends; counts what is taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "asked for everything"
        self.taken += size
        return b"\xff\xd8\xff" + bytes(size - 3)


class Dripping(io.BytesIO):
    """A stream that gives less than it is asked for, as a socket does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 1, 1000))


def test_every_kind_of_source_gives_the_same(photo: Pixels, file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "milk.png"
    path.write_bytes(file)
    memory = memoryview(b"xx" + file)[2:]
    sources: list[Any] = [path, str(path), file, bytearray(file), memory, io.BytesIO(file), Dripping(file)]
    for source in sources:
        assert np.array_equal(read_photo(source), photo)
    with path.open("rb") as stream:
        assert np.array_equal(read_photo(stream), photo)


def test_a_name_of_bytes_is_a_path_too(photo: Pixels, file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "milk.png"
    path.write_bytes(file)
    with os.scandir(os.fsencode(tmp_path)) as entries:
        assert np.array_equal(read_photo(cast("Any", next(entries))), photo)


def test_standard_input(photo: Pixels, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(file)))
    assert np.array_equal(read_photo("-"), photo)
    with pytest.raises(EmptyPhotoError, match="^standard input is empty"):
        read_photo("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(PhotoNotFoundError, match="^standard input is closed: pipe a photo into it"):
        read_photo("-")


def test_a_real_pipe(file: bytes) -> None:
    code = "from shibuya_optics.photo import read_photo; print(read_photo('-').shape)"
    assert subprocess.run([sys.executable, "-c", code], input=file, capture_output=True, check=True).stdout == (
        b"(96, 128, 3)\n"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe(photo: Pixels, file: bytes, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file,))
    writer.start()
    assert np.array_equal(read_photo(pipe), photo)
    writer.join()


def test_a_stream_that_never_ends_is_read_to_the_limit_only() -> None:
    stream = Endless()
    with pytest.raises(TooManyBytesError, match="^the stream has more than 64 MB, which is the most that is read"):
        read_photo(cast("BinaryIO", stream))
    assert stream.taken == MOST_BYTES + 1


def test_a_large_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    monkeypatch.setattr("shibuya_optics.photo.sources._read_stream", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(TooManyBytesError, match=r"large\.jpg has more than 64 MB"):
        read_photo(path)


def test_bytes_over_the_limit_are_refused_uncopied() -> None:
    with pytest.raises(TooManyBytesError, match="^the photo has more than 64 MB"):
        read_photo(memoryview(bytearray(MOST_BYTES + 1)))


def test_a_file_of_exactly_the_limit_is_read(file: bytes) -> None:
    assert read_photo(file + bytes(MOST_BYTES - len(file))).shape == (96, 128, 3)


@pytest.mark.parametrize("empty", [b"", bytearray(), io.BytesIO()])
def test_nothing_is_refused(empty: Any) -> None:
    with pytest.raises(EmptyPhotoError, match="is empty: it holds no bytes"):
        read_photo(empty)


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    with pytest.raises(EmptyPhotoError) as caught:
        read_photo(path)
    assert str(caught.value) == f"{path} is empty: it holds no bytes; copy or download it again."


@pytest.mark.parametrize("path", ["no/such.jpg", "a\0b.jpg", ""])
def test_a_path_of_nothing(path: str) -> None:
    with pytest.raises(PhotoNotFoundError, match=r"there is no file .*: check the path|the path is empty"):
        read_photo(path)


def test_a_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "milk.jpg").touch()
    with pytest.raises(PhotoNotFoundError, match="check the path"):
        read_photo(tmp_path / "milk.jpg" / "other.jpg")


def test_a_path_that_is_too_long() -> None:
    with pytest.raises(PhotoError, match="cannot be read"):
        read_photo("x" * 5000)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotAPhotoError, match="is a folder, not a photo: give the photo files in it"):
        read_photo(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PhotoError, match=r"locked\.jpg cannot be read \(Permission denied\): check the file"):
        read_photo(tmp_path / "locked.jpg")


def test_a_stream_of_text_or_closed() -> None:
    with pytest.raises(PhotoError, match="gives str, not bytes: open it as a binary file, with 'rb'"):
        read_photo(cast("BinaryIO", io.StringIO("text")))
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(PhotoError, match="cannot be read .* that is open"):
        read_photo(closed)


def test_messages_name_the_source(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"words")
    for source, name in [(path, str(path)), (b"words", "the photo"), (io.BytesIO(b"words"), "the stream")]:
        with pytest.raises(NotAPhotoError) as caught:
            read_photo(cast("Any", source))
        assert str(caught.value).startswith(f"{name} is not an image")
        with pytest.raises(NotAPhotoError, match="^upload 3 is not an image"):
            read_photo(b"words", name="upload 3")
    with path.open("rb") as stream, pytest.raises(NotAPhotoError) as caught:
        read_photo(stream)
    assert str(caught.value).startswith(f"{path} is not an image")


@pytest.mark.parametrize("name", ["two\nlines.jpg", "red\x1b[31m.jpg", "\udce9t\udce9.jpg"])
def test_messages_are_one_printable_line(name: str) -> None:
    with pytest.raises(NotAPhotoError) as caught:
        read_photo(b"words", name=name)
    assert str(caught.value).isprintable()
