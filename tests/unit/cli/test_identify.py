from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from barcodes import with_code
from PIL import Image
from tiny_bundle import COLOURS, plain_photo, tiny_bundle

from shibuya_optics.bundle import Printed, write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.records import Word
from shibuya_optics.senses import Read

BLUE, YELLOW = COLOURS["Blue"], (250, 250, 10)
BETWEEN = (250, 10, 35)
"""As near to the one butter as to the other."""


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(write_bundle(tiny_bundle(), tmp_path / "tiny.optics"))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name, colour in {"blue": BLUE, "butter": BETWEEN, "yellow": YELLOW}.items():
        Image.fromarray(plain_photo(colour)).save(folder / f"{name}.png")
    return folder


def documents(text: str) -> list[dict[str, Any]]:
    read = json.loads(text)
    assert isinstance(read, list)
    return read


def test_json_is_one_array_with_an_answer_a_line(bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", str(shelf), "--bundle", bundle, "--json"]) == 0
    captured = capsys.readouterr()
    answers = documents(captured.out)
    assert captured.err == ""
    assert [(answer["photo"], answer["label"], answer["level"], answer["known"]) for answer in answers] == [
        (str(shelf / "blue.png"), "Blue", "product", True),
        (str(shelf / "butter.png"), "Dairy/Butter", "kind", True),
        (str(shelf / "yellow.png"), None, "none", False),
    ]
    assert set(answers[0]) == {
        *(
            "photo",
            "label",
            "level",
            "confidence",
            "known",
            "candidates",
            "seconds",
            "senses",
            "words",
            "barcodes",
            "answer_set",
            "listings",
        )
    }
    assert answers[0]["senses"] == ["look"]
    lines = captured.out.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 5)
    assert [json.loads(line.rstrip(",")) for line in lines[1:-1]] == answers


def test_people_get_a_table(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf)
    assert run(["identify", ".", "--bundle", bundle]) == 0
    heading, blue, butter, yellow = capsys.readouterr().out.splitlines()
    assert heading.split() == ["photo", "answer", "confidence", "runners-up;", "what", "else", "decided"]
    answer, confidence = heading.index("answer"), heading.index("confidence") + len("confidence")
    assert blue.startswith("blue.png ")
    assert blue[answer:].split() == ["Blue", "98%"]
    assert re.sub(r"[45]\d%", "half", butter[answer:]).split() == [
        "Dairy/Butter",
        "99%",
        "Red",
        "half,",
        "Crimson",
        "half",
    ]
    assert (blue[confidence - 1], butter[confidence - 1]) == ("%", "%")
    assert yellow[answer:] == "I don't know this one"


def test_a_long_path_is_shortened_from_the_left(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ("very-" * 20 + "long")
    folder.mkdir()
    Image.fromarray(plain_photo(BLUE)).save(folder / "blue.png")
    run(["identify", str(folder), "--bundle", bundle])
    name = capsys.readouterr().out.splitlines()[1].split()[0]
    assert name.startswith("…")
    assert name.endswith("very-long/blue.png")
    assert len(name) == 60


def test_what_is_known_and_not_told_apart_is_not_sure(
    tmp_path: Path, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dataclasses import replace

    from shibuya_optics.labels import LabelTree

    tiny = tiny_bundle()
    loners = replace(tiny, tree=LabelTree(("Red", "Crimson", "Green", "Blue")))
    path = write_bundle(loners, tmp_path / "loners.optics")
    run(["identify", str(shelf / "butter.png"), "--bundle", str(path)])
    assert "I'm not sure" in capsys.readouterr().out
    run(["identify", str(shelf / "butter.png"), "--bundle", str(path), "--json"])
    (answer,) = documents(capsys.readouterr().out)
    assert (answer["label"], answer["known"]) == (None, True)


@pytest.mark.parametrize("json_mode", [False, True])
def test_one_bad_photo_among_many_is_told_and_the_others_answered(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], json_mode: bool
) -> None:
    (shelf / "empty.jpg").touch()
    words = [str(shelf), str(shelf / "none.jpg"), "--bundle", bundle, *(["--json"] if json_mode else [])]
    assert run(["identify", *words]) == 2
    captured = capsys.readouterr()
    empty, missing = captured.err.splitlines()
    assert empty.startswith("optics: ")
    assert "empty.jpg" in empty
    assert "none.jpg" in missing
    if json_mode:
        answers = documents(captured.out)
        assert [answer.get("label", "-") for answer in answers] == ["Blue", "Dairy/Butter", "-", None, "-"]
        assert answers[2] == {
            "photo": str(shelf / "empty.jpg"),
            "error": {"code": "photo-empty", "message": empty.removeprefix("optics: ")},
        }
        assert answers[4]["error"]["code"] == "photo-not-found"
    else:
        assert len(captured.out.splitlines()) == 4


@pytest.mark.parametrize("json_mode", [False, True])
@pytest.mark.parametrize("content", [b"", b"# words", b"\xff\xd8\xff\xe0 and no more"])
def test_a_bad_photo_alone_is_one_line(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, json_mode: bool
) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    assert run(["identify", str(path), "--bundle", bundle, *(["--json"] if json_mode else [])]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith("optics: ")
    assert "bad.jpg" in line
    if json_mode:
        assert json.loads(captured.out)["error"]["message"] == line.removeprefix("optics: ")
    else:
        assert captured.out == ""


def test_a_folder_without_photos_is_one_line(bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none").mkdir()
    assert run(["identify", str(tmp_path / "none"), "--bundle", bundle]) == 2
    assert "there is no photo in the folder" in capsys.readouterr().err


def test_a_photo_comes_from_standard_input(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((shelf / "blue.png").read_bytes())))
    assert run(["identify", "-", "--bundle", bundle, "--json"]) == 0
    (answer,) = documents(capsys.readouterr().out)
    assert (answer["photo"], answer["label"]) == ("-", "Blue")


def test_the_error_of_fetched_bytes_names_their_address(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shibuya_optics.cli.arguments.fetch", lambda _: b"<html>")
    address = "https://example.org/page"
    assert run(["identify", address, str(shelf / "blue.png"), "--bundle", bundle]) == 2
    assert capsys.readouterr().err.startswith(f"optics: {address}: ")
    assert run(["identify", address, "--bundle", bundle]) == 2
    assert capsys.readouterr().err.startswith(f"optics: {address}: ")


def test_the_bundle_may_be_named_in_the_environment(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTICS_BUNDLE", bundle)
    assert run(["identify", str(shelf / "blue.png")]) == 0
    assert "Blue" in capsys.readouterr().out


def test_a_bundle_that_is_not_there_is_one_line(
    shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["identify", str(shelf), "--bundle", str(tmp_path / "none.optics"), "--json"]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert json.loads(captured.out)["error"]["code"] == "bundle-not-found"


def test_a_reader_that_goes_away_is_no_error(bundle: str, tmp_path: Path) -> None:
    photo = tmp_path / "blue.png"
    Image.fromarray(plain_photo(BLUE)).save(photo)
    words = [sys.executable, "-m", "shibuya_optics", "identify", *[str(photo)] * 900, "--bundle", bundle, "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        first, second = process.stdout.readline(), process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert (first, json.loads(second.strip().rstrip(b","))["label"]) == (b"[\n", "Blue")


def test_what_identifying_does_not_need_is_not_imported(bundle: str, shelf: Path) -> None:
    script = (
        "import sys; from shibuya_optics.cli.main import run; "
        f"assert run(['identify', {str(shelf / 'blue.png')!r}, '--bundle', {bundle!r}]) == 0; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(result.stdout.splitlines()[-1].split())
    assert {"numpy", "onnxruntime", "PIL"} <= imported
    heavy = {
        "cv2",
        "fsspec",
        "h5py",
        "lightning",
        "onnx",
        "pillow_heif",
        "pydantic",
        "rich",
        "scipy",
        "sklearn",
        "torch",
    }
    assert not imported & heavy


CODE = "5740900836006"


@pytest.fixture
def coded(tmp_path: Path) -> str:
    """A blue photo with a barcode."""
    Image.fromarray(with_code(plain_photo(BLUE, 400), CODE)).save(tmp_path / "coded.png")
    return str(tmp_path / "coded.png")


def test_senses_are_used_as_asked_for(bundle: str, coded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", coded, "--bundle", bundle, "--senses", "scan, look", "--json"]) == 0
    (answer,) = documents(capsys.readouterr().out)
    assert answer["senses"] == ["look", "scan"]
    (code,) = answer["barcodes"]
    assert (code["text"], code["format"], code["gtin"]) == (CODE, "EAN-13", "0" + CODE)
    assert len(code["box"]) == 4


def test_a_barcode_is_shown_to_people(bundle: str, coded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["identify", coded, "--bundle", bundle, "--senses", "look,scan"]) == 0
    assert f"EAN-13 {CODE}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--senses", "look,smell"], "'smell' is no sense; give some of look, read, scan"),
        (["--senses", "read"], "give look, and with it read, scan, or both"),
        (["--senses", ""], "'' is no sense"),
        (["--within", "fast"], "give a time above 0 with its unit, as in 300ms or 2s"),
        (["--within", "300"], "with its unit"),
        (["--within", "0ms"], "above 0"),
    ],
)
def test_senses_and_times_that_are_none_are_told(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run(["identify", str(shelf), "--bundle", bundle, *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_time_limit_is_kept_to(bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["identify", str(shelf), "--bundle", bundle, "--within", "0.001ms", "--senses", "look,read", "--json"]) == 0
    )
    assert [answer["senses"] for answer in documents(capsys.readouterr().out)] == [["look"]] * 3


def test_the_loudest_words_are_shown_to_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ((0.3, 0.4), (0.7, 0.4), (0.7, 0.6), (0.3, 0.6))
    said = tuple(Word(text, 0.9, place) for text in ("15.90", "ruby churn"))
    monkeypatch.setattr(Read, "words", lambda *_, **__: said)
    told = {"Dairy/Butter/Red": Printed(told=("ruby churn",)), "Dairy/Butter/Crimson": Printed(told=("golden cow",))}
    path = write_bundle(replace(tiny_bundle(), printed=told), tmp_path / "reading.optics")
    Image.fromarray(plain_photo(BETWEEN)).save(tmp_path / "butter.png")
    assert run(["identify", str(tmp_path / "butter.png"), "--bundle", str(path)]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert "Dairy/Butter/Red" in line
    assert line.endswith(("; read ruby churn", "  read ruby churn"))


def test_an_answer_set_is_shown_where_it_is_asked_for(
    bundle: str, shelf: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["identify", str(shelf), "--bundle", bundle, "--coverage", "0.9"]) == 0
    assert "at least 9 calibration photos are needed for answer sets of 90%, there are 0" in capsys.readouterr().err
    tiny = tiny_bundle()
    looks = np.repeat(tiny.prototypes, 5, axis=0).astype(np.float16)
    held_out = replace(tiny, held_out=looks, held_out_products=np.repeat(np.arange(4), 5).astype(np.int32))
    own = str(write_bundle(held_out, tmp_path / "own.optics"))
    assert run(["identify", str(shelf / "butter.png"), "--bundle", own, "--coverage", "0.95"]) == 0
    printed = capsys.readouterr()
    assert (printed.err, "one of Red" in printed.out) == ("", True)
    assert run(["identify", str(shelf), "--bundle", own, "--coverage", "1"]) == 2
    assert "1.0 is not in the range 0<x<1" in capsys.readouterr().err
