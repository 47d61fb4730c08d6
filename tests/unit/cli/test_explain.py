from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from barcodes import with_code
from PIL import Image
from tiny_bundle import COLOURS, plain_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run

CODE = "5740900836006"


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
