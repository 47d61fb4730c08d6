"""Against a local stand-in that answers as the service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from barcodes import with_code
from PIL import Image
from tiny_bundle import COLOURS, plain_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.collect.open_food_facts import HOST_VARIABLE, listed
from shibuya_optics.errors import ListingError

CODE = "5740900836006"
GTIN = "0" + CODE


class Service:
    """What the stand-in answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.asked: list[tuple[str, str]] = []

    def says(self, document: object, status: int = 200) -> None:
        self.status, self.body = status, json.dumps(document).encode()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    stand_in = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.asked.append((self.path, self.headers["User-Agent"]))
            self.send_response(stand_in.status)
            self.end_headers()
            self.wfile.write(stand_in.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(HOST_VARIABLE, f"http://127.0.0.1:{server.server_port}/")
    yield stand_in
    server.shutdown()
    server.server_close()


def found(name: str = "Slightly salted", brands: str = "Lurpak") -> dict[str, object]:
    return {"code": CODE, "status": 1, "product": {"code": CODE, "product_name": name, "brands": brands}}


def test_a_listed_product_has_its_name_and_brand(service: Service) -> None:
    service.says(found())
    assert listed(GTIN) == "Slightly salted, Lurpak"
    ((path, agent),) = service.asked
    assert path == f"/api/v2/product/{CODE}?fields=code,product_name,brands"
    assert agent.startswith("shibuya-optics/")


def test_what_is_not_listed_is_none(service: Service) -> None:
    service.says({"status": 0, "status_verbose": "product not found"})
    assert listed(GTIN) is None
    service.says({"status": 0}, 404)
    assert listed(GTIN) is None
    service.says(found("", ""))
    assert listed(GTIN) is None


def test_short_codes_keep_eight_digits(service: Service) -> None:
    service.says(found())
    listed("00000000012345")
    assert service.asked[0][0].startswith("/api/v2/product/00012345?")


def test_a_name_is_one_bounded_line(service: Service) -> None:
    service.says(found("<b>\x1b[31m\nred" + "x" * 500))
    name = listed(GTIN)
    assert name is not None
    assert name.startswith("<b> [31m redx")
    assert name.isprintable()
    assert len(name) == 120


@pytest.mark.parametrize(("status", "message"), [(503, "asks to wait"), (429, "asks to wait"), (500, "answers 500")])
def test_a_service_that_does_not_answer_is_told(service: Service, status: int, message: str) -> None:
    service.says({}, status)
    with pytest.raises(ListingError, match=message):
        listed(GTIN)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"product": 5}'])
def test_another_answer_than_agreed_is_told(service: Service, body: bytes) -> None:
    service.body = body
    with pytest.raises(ListingError):
        listed(GTIN)


def test_no_network_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOST_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(ListingError, match="cannot be asked"):
        listed(GTIN)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    bundle = write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    for name in ("a.png", "b.png"):
        Image.fromarray(with_code(plain_photo(COLOURS["Blue"], 400), CODE)).save(tmp_path / name)
    return [
        "identify",
        str(tmp_path / "a.png"),
        str(tmp_path / "b.png"),
        "--bundle",
        str(bundle),
        "--senses",
        "look,scan",
    ]


def test_only_with_online_is_the_service_asked_and_once_a_code(
    service: Service, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    service.says(found())
    assert run([*words, "--json"]) == 0
    assert [answer["listings"] for answer in json.loads(capsys.readouterr().out)] == [{}, {}]
    assert service.asked == []
    assert run([*words, "--json", "--online"]) == 0
    assert [a["listings"] for a in json.loads(capsys.readouterr().out)] == [{GTIN: "Slightly salted, Lurpak"}] * 2
    assert len(service.asked) == 1
    assert run([*words, "--online"]) == 0
    assert f"EAN-13 {CODE} (Slightly salted, Lurpak)" in capsys.readouterr().out


def test_a_taught_code_is_not_asked_for(service: Service, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    bundle = words[words.index("--bundle") + 1]
    assert run(["teach", "Blue", "--barcode", CODE, "--bundle", bundle]) == 0
    assert run([*words, "--online"]) == 0
    assert service.asked == []


def test_a_service_that_fails_is_a_warning_and_the_photos_are_answered(
    service: Service, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    service.says({}, 503)
    assert run([*words, "--json", "--online"]) == 0
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 2
    assert captured.err.count("asks to wait") == 1
    assert len(service.asked) == 1
