from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shibuya_optics.cli.dataset import pack, public
from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.errors import DatasetError
from shibuya_optics.records import Photo


def test_pack_prints_a_summary_and_what_comes_next(
    library: PhotoLibrary, add_photo: Callable[..., Photo], make_image: Callable[..., bytes]
) -> None:
    add_photo(make_image(0), "Dairy/Butter/Lurpak", "test")
    result = CliRunner().invoke(pack, [str(library.root)], catch_exceptions=False)
    assert "1 photos (train 0, validation 0, test 1)" in result.stdout
    assert f"next: optics evaluate pantry-mobile {library.root}/pantry.h5 --split test" in result.stdout


def test_pack_as_json_is_one_document(
    library: PhotoLibrary, add_photo: Callable[..., Photo], make_image: Callable[..., bytes], tmp_path: Path
) -> None:
    add_photo(make_image(0, size=(90, 60)), "Dairy/Butter/Lurpak", "test")
    arguments = [str(library.root), "--out", str(tmp_path / "small.h5"), "--short-side", "40", "--json"]
    document = json.loads(CliRunner().invoke(pack, arguments, catch_exceptions=False).stdout)
    assert document["file"] == str(tmp_path / "small.h5")
    assert document["photos"] == {"train": 0, "validation": 0, "test": 1}
    assert (document["kept"], document["short_side"], document["products"]) == (0, 40, 1)


def test_public_passes_its_error_on(tmp_path: Path) -> None:
    arguments = ["grocery-store", str(tmp_path), "--into", str(tmp_path / "work"), "--json"]
    with pytest.raises(DatasetError, match="is not the Grocery Store set"):
        CliRunner().invoke(public, arguments, catch_exceptions=False)


def test_public_alone_shows_the_sets() -> None:
    result = CliRunner().invoke(public, [], catch_exceptions=False)
    assert result.exit_code == 0
    assert "grocery-store" in result.output


@pytest.mark.parametrize(
    ("command", "arguments"), [(pack, []), (public, []), (public, ["grocery-store"]), (public, ["freiburg-groceries"])]
)
def test_help_shows_examples(command: click.Command, arguments: list[str]) -> None:
    result = CliRunner().invoke(command, [*arguments, "--help"])
    assert "Examples:" in result.output
    assert "optics pack work" in result.output or "--into work" in result.output


def test_two_ways_of_studio_pictures_exclude_each_other(tmp_path: Path) -> None:
    arguments = ["grocery-store", str(tmp_path), "--into", str(tmp_path / "work"), "--iconic", "--web-to-own"]
    result = CliRunner().invoke(public, arguments)
    assert result.exit_code == 2
    assert "--iconic and --web-to-own exclude each other" in result.output
