from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from barcodes import with_code
from PIL import Image
from tiny_bundle import COLOURS, plain_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree

CODE = "5740900836006"


def jpeg_of(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(plain_photo(colour)).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    # Small beside the photo, so that it is blue as a whole.
    Image.fromarray(with_code(plain_photo(COLOURS["Blue"], 1200), CODE)).save("blue.png")
    return ["explain", "blue.png", "--bundle", "tiny.optics", "--senses", "look,scan"]


def test_the_picture_shows_what_was_found(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--out", "why.png"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Blue; senses used: look, scan. Drawn in why.png.")
    assert f"barcode EAN-13 {CODE}" in out
    picture = np.asarray(Image.open("why.png"))
    assert picture.shape[1] == 1200
    assert (np.abs(picture.astype(int) - (30, 90, 220)).sum(axis=2) < 30).sum() > 500


def test_json_is_the_answer_and_where_the_picture_is(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--out", "why.png", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["photo"], document["picture"], document["label"]) == ("blue.png", "why.png", "Blue")
    assert document["barcodes"][0]["text"] == CODE


def test_a_picture_that_is_no_png_and_a_photo_that_is_none_are_told(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--out", "why.jpg"]) == 2
    assert "a name that ends in .png" in capsys.readouterr().err
    assert run(["explain", "none.png", "--out", "why.png"]) == 2
    assert "none.png" in capsys.readouterr().err
    assert not Path("why.png").exists()


def test_the_reasons_are_told_and_a_network_without_a_map_says_so(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--out", "why.png"]) == 0
    out = capsys.readouterr().out
    assert "nearest to its remembered photos 1 (" in out
    assert "no heat map for this network" in out
    assert run([*words, "--out", "why.png", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["explained"], document["heat"]) == ("Blue", None)
    assert [(one["label"], one["number"]) for one in document["nearest"][:2]] == [("Blue", 1), ("Blue", 2)]
    assert document["nearest"][2]["label"] != "Blue"
    assert "alike" not in document


def test_a_dataset_shows_the_photos_most_alike(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        Row(
            jpeg=jpeg_of((10, 10, blue)),
            label="Blue",
            split="train",
            origin="own",
            group=None,
            sha256=f"{blue:064x}",
            width=40,
            height=40,
        )
        for blue in (250, 180)
    ]
    write_pantry(tmp_path / "pantry.h5", rows, LabelTree.of(["Blue"]))
    assert run([*words, "--out", "bare.png"]) == 0
    capsys.readouterr()
    assert run([*words, "--out", "why.png", "--photos", "pantry.h5", "--json"]) == 0
    assert {one["row"] for one in json.loads(capsys.readouterr().out)["alike"]} == {0, 1}
    with Image.open("why.png") as picture, Image.open("bare.png") as bare:
        assert picture.height > bare.height + 200
    assert run([*words, "--out", "new.png", "--photos", "none.h5"]) == 2
    assert "none.h5" in capsys.readouterr().err
    assert not Path("new.png").exists()


def test_the_shipped_network_has_a_heat_map(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "blue.png", "--out", "why.png", "--senses", "look", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["heat"]) == len(document["heat"][0]) == 8
    assert len(document["nearest"]) == 4
