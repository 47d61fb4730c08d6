from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_bundle import COLOURS, PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.cli.report import thumbnail
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Split


def photographed(label: str, shown: str, seed: int, split: Split = "test") -> Row:
    jpeg = encode_jpeg(noisy_photo(COLOURS[shown], seed))
    sha256 = hashlib.sha256(jpeg).hexdigest()
    group = f"shoot {label} {split}"
    return Row(jpeg=jpeg, label=label, split=split, origin="own", group=group, sha256=sha256, width=40, height=40)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """Two test photos of each product, one labelled Crimson though it is blue; and one of Blue for training."""
    rows = [photographed(label, label, seed) for label in PRODUCTS for seed in range(2)]
    rows[3] = photographed("Dairy/Butter/Crimson", "Blue", 1)
    rows.append(photographed("Blue", "Blue", 9, "train"))
    write_pantry(tmp_path / "pantry.h5", rows, LabelTree.of(PRODUCTS))
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    for seed in range(3):
        (strangers / f"{seed}.jpg").write_bytes(encode_jpeg(noisy_photo((120, 130, 125), seed, noise=100)))
    bundle = str(write_bundle(tiny_bundle(), tmp_path / "tiny.optics"))
    return ["evaluate", bundle, str(tmp_path / "pantry.h5"), "--unknown", str(strangers)]


def test_the_report_holds_what_json_says_and_its_own(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--report", str(tmp_path / "report"), "--robustness", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    page = tmp_path / "report" / "report.html"
    assert document.pop("report") == str(page)
    numbers = json.loads((tmp_path / "report" / "metrics.json").read_text("utf-8"))
    assert {key: numbers[key] for key in document} == document
    assert numbers["bootstrap"]["groups"] == 4
    assert numbers["mistakes"]["distances"] == {"4": 1}
    assert numbers["robustness"]["plain"]["accuracy"] == 0.875
    assert set(numbers["robustness"]) == {"plain", "blur", "dark", "rotated", "small", "JPEG"}
    text = page.read_text("utf-8")
    assert text.count("data:image/jpeg;base64,") == 2
    assert "Strangers" in text
    assert len(text) < 2_000_000


def test_people_are_told_where_it_is(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words[:3], "--report", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"The report: {tmp_path / 'report.html'}"
    assert "Robustness" not in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--report", "FILE"], "is a file, not a folder"),
        (["--robustness"], "--robustness is a part of the report"),
        (["--report", "new", "--few-shot", "1"], "--report cannot be asked for together with --few-shot"),
    ],
)
def test_what_cannot_be_is_one_line(
    more: list[str], message: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "FILE").touch()
    assert run([*words[:3], *(str(tmp_path / word) if word == "FILE" else word for word in more)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_thumbnail_is_a_small_jpeg_of_the_same_shape() -> None:
    photo = np.zeros((600, 300, 3), np.uint8)
    with Image.open(BytesIO(thumbnail(photo))) as image:
        assert (image.format, image.size) == ("JPEG", (120, 240))
