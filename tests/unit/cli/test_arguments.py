from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from shibuya_optics.cli import arguments
from shibuya_optics.cli.arguments import NamedPhoto, fetch, gather, load
from shibuya_optics.errors import PhotoNotFoundError, TooManyBytesError


class Shelf(BaseHTTPRequestHandler):
    """A web server with one photo, a page that moved to it, and an answer that breaks off."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/photo.jpg")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", "100" if self.path == "/broken" else "5")
        self.end_headers()
        self.wfile.write(b"photo")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Shelf) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_words_name_files_folders_standard_input_and_addresses(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("b.jpg", "a.png", "notes.txt"):
        (shelf / name).write_bytes(b"x")
    named = gather([str(shelf), "-", "HTTPS://example.org/a.jpg", str(shelf / "notes.txt")])
    assert [photo.name for photo in named] == [
        str(shelf / "a.png"),
        str(shelf / "b.jpg"),
        "-",
        "HTTPS://example.org/a.jpg",
        str(shelf / "notes.txt"),
    ]
    assert load(named[0]) == shelf / "a.png"
    assert load(named[2]) == "-"


def test_a_word_alone_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PhotoNotFoundError, match="no photo in the folder"):
        gather([str(tmp_path)])


def test_a_word_among_others_that_names_nothing_leaves_its_error(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")
    missing, found = gather([str(tmp_path / "none.jpg"), str(photo)])
    assert isinstance(missing.source, PhotoNotFoundError)
    assert load(missing) is missing.source
    assert found == NamedPhoto(str(photo), photo)


def test_a_photo_is_fetched_from_the_web(server: str) -> None:
    assert fetch(f"{server}/photo.jpg") == b"photo"
    assert fetch(f"{server}/moved") == b"photo"
    (named,) = gather([f"{server}/photo.jpg"])
    assert load(named) == b"photo"


@pytest.mark.parametrize(
    ("page", "message"), [("/none", "cannot be fetched .*Not Found"), ("/broken", "broke off 95 bytes before its end")]
)
def test_what_cannot_be_fetched_is_told(server: str, page: str, message: str) -> None:
    with pytest.raises(PhotoNotFoundError, match=f"{page} {message}"):
        fetch(server + page)
    (named,) = gather([server + page])
    assert isinstance(load(named), PhotoNotFoundError)


def test_an_unreachable_machine_is_told(server: str) -> None:
    host, _, _ = server.rpartition(":")
    with pytest.raises(PhotoNotFoundError, match="cannot be fetched .*refused.*: check the address and the network"):
        fetch(f"{host}:1/photo.jpg")


@pytest.mark.parametrize("address", ["http://", "http://[", "http://exa mple.org/a b", "https://127.0.0.1:port/"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(PhotoNotFoundError, match="cannot be fetched"):
        fetch(address)


def test_more_bytes_than_are_read_are_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "MOST_BYTES", 4)
    with pytest.raises(TooManyBytesError, match="more than"):
        fetch(f"{server}/photo.jpg")


def test_a_silent_machine_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(arguments, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/photo.jpg"
        with pytest.raises(PhotoNotFoundError, match="timed out"):
            fetch(address)
