from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tiny_bundle import noisy_photo

from shibuya_optics.cli.main import run
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    jpegs = [encode_jpeg(noisy_photo((200, 80, 40), seed)) for seed in range(3)]
    rows = [
        Row(
            jpeg=jpeg,
            label="Dairy/Butter/Lurpak",
            split="train",
            origin="own",
            group=None,
            sha256=hashlib.sha256(jpeg).hexdigest(),
            width=40,
            height=40,
        )
        for jpeg in jpegs
    ]
    write_pantry(tmp_path / "pantry.h5", rows, LabelTree(("Dairy/Butter/Lurpak",)))
    return tmp_path / "pantry.h5"


def test_a_whole_file_is_told(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(dataset)]) == 0
    assert "3 photos" in capsys.readouterr().out
    assert run(["verify", str(dataset), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["photos"] == 3
    assert document["content_hash"] == PantryFile.open(dataset).hash


def test_a_changed_photo_is_named_and_the_status_is_2(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with PantryFile.open(dataset) as pantry:
        jpeg, sha256 = pantry.jpeg(1), pantry.sha256[1]
    content = bytearray(dataset.read_bytes())
    content[content.index(jpeg) + 100] ^= 1
    dataset.write_bytes(content)
    assert run(["verify", str(dataset), "--json"]) == 2
    printed = capsys.readouterr()
    assert f"row 1 (sha256 {sha256}, Dairy/Butter/Lurpak) is not the photo that was packed" in printed.err
    assert json.loads(printed.out)["error"]["code"] == "dataset"


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(tmp_path)]) == 2
    assert "is no run folder" in capsys.readouterr().err
