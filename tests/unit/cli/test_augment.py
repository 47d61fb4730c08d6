from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shibuya_optics.cli.main import run
from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product
from shibuya_optics.photo import encode_jpeg, read_photo

RECIPE = 'name = "some"\ndataset = "pantry.h5"\n[views]\n'


@pytest.fixture
def photo(tmp_path: Path, pantry: tuple[Product, ...], photograph: Callable[[Product, int], Pixels]) -> str:
    path = tmp_path / "pack.jpg"
    path.write_bytes(encode_jpeg(photograph(pantry[0], 1)))
    return str(path)


def sheet_of(photo: str, sheet: Path, *words: str) -> bytes:
    assert run(["augment", photo, "--sheet", str(sheet), *words]) == 0
    return sheet.read_bytes()


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(photo: str, tmp_path: Path) -> None:
    sheets = [sheet_of(photo, tmp_path / f"{n}.png", "--seed", seed) for n, seed in enumerate("778")]
    assert sheets[0] == sheets[1]
    assert sheets[0] != sheets[2]


def test_more_views_make_a_taller_sheet(photo: str, tmp_path: Path) -> None:
    heights = []
    for views in ("4", "24", "60"):
        sheet_of(photo, tmp_path / "views.png", "--views", views)
        heights.append(read_photo(tmp_path / "views.png").shape[0])
    assert heights[0] < heights[1] < heights[2]


def test_the_document_says_what_was_written(photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    png = sheet_of(photo, tmp_path / "views.png", "--views", "16", "--seed", "5", "--json")
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document == {
        "photo": photo,
        "sheet": str(tmp_path / "views.png"),
        "seed": 5,
        "views": 16,
        "recipe": None,
        "sha256": hashlib.sha256(png).hexdigest(),
    }
    assert printed.err == ""


@pytest.mark.train
def test_ranges_come_from_a_recipe(photo: str, tmp_path: Path) -> None:
    pytest.importorskip("pydantic")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE + "rotation = 15.0\n")
    usual = sheet_of(photo, tmp_path / "views.png")
    assert sheet_of(photo, tmp_path / "views.png", "--recipe", str(recipe)) == usual
    recipe.write_text(RECIPE + "rotation = 90.0\n")
    assert sheet_of(photo, tmp_path / "views.png", "--recipe", str(recipe)) != usual


@pytest.mark.train
def test_a_range_out_of_its_limits_is_one_line(photo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pydantic")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE + "area = [0.9, 0.1]\n")
    assert run(["augment", photo, "--sheet", str(tmp_path / "views.png"), "--recipe", str(recipe)]) == 2
    message = capsys.readouterr().err
    assert "area is a range, two numbers from 0.01 to 1, smaller first" in message
    assert message.count("\n") == 1
    assert not (tmp_path / "views.png").exists()


def test_what_is_no_photo_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.jpg").write_bytes(b"<html>")
    assert run(["augment", str(tmp_path / "page.jpg"), "--sheet", str(tmp_path / "views.png")]) == 2
    assert "is not an image" in capsys.readouterr().err


def test_without_opencv_it_says_what_to_install(
    photo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("shibuya_optics.augment")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert run(["augment", photo, "--sheet", str(tmp_path / "views.png")]) == 2
    assert 'pip install "shibuya-optics[train]"' in capsys.readouterr().err
