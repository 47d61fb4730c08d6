from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_bundle import COLOURS, PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Split

GREY = (120, 130, 125)


def photographed(label: str, seed: int, split: Split = "test", colour: tuple[int, int, int] | None = None) -> Row:
    jpeg = encode_jpeg(noisy_photo(colour or COLOURS[label], seed))
    sha256 = hashlib.sha256(jpeg).hexdigest()
    return Row(jpeg=jpeg, label=label, split=split, origin="own", group=None, sha256=sha256, width=40, height=40)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(write_bundle(tiny_bundle(), tmp_path / "tiny.optics"))


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Two test photos of each product, one of them labelled Crimson though it is blue; and one for training."""
    rows = [photographed(label, seed) for label in PRODUCTS for seed in range(2)]
    rows[3] = photographed("Dairy/Butter/Crimson", 1, colour=COLOURS["Blue"])
    rows.append(photographed("Blue", 9, "train"))
    write_pantry(tmp_path / "pantry.h5", rows, LabelTree.of(PRODUCTS))
    return str(tmp_path / "pantry.h5")


@pytest.fixture
def strangers(tmp_path: Path) -> str:
    folder = tmp_path / "strangers"
    folder.mkdir()
    for seed in range(3):
        (folder / f"{seed}.jpg").write_bytes(encode_jpeg(noisy_photo(GREY, seed, noise=100)))
    return str(folder)


def test_the_document_has_every_number(
    bundle: str, dataset: str, strangers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", bundle, dataset, "--unknown", strangers, "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert printed.err == ""
    assert document["bundle"] == "tiny"
    assert document["dataset"] == PantryFile.open(dataset).hash
    assert (document["split"], document["photos"]) == ("test", 8)
    assert (document["accuracy"], document["accuracy_kind"]) == (0.875, 0.875)
    assert document["interval95"][0] < 0.875 < document["interval95"][1]
    assert 0 <= document["ece"] <= 1
    assert document["claimed_wrong"] == 0.125
    assert document["labels_not_in_bundle"] == []
    assert document["by_origin"]["own"]["accuracy"] == 0.875
    assert document["confusions"] == [{"truth": "Dairy/Butter/Crimson", "taken_for": "Blue", "photos": 1, "share": 0.5}]
    assert document["seconds"] > 0
    assert "views" not in document
    unknown = document["unknown"]
    assert (unknown["photos"], unknown["auroc"], unknown["fpr95"]) == (3, 1, 0)
    assert (unknown["refused"], unknown["known_refused"]) == (1, 0)
    assert set(unknown["scores"]) == {"known", "max-softmax"}


def test_people_get_a_table(bundle: str, dataset: str, strangers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", bundle, dataset, "--unknown", strangers]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny on 8 test photos")
    assert any(line.split()[:2] == ["accuracy", "0.875"] for line in lines)
    assert any(line.split()[:2] == ["unknown.auroc", "1.000"] for line in lines)


def test_another_split_is_judged_when_asked_for(bundle: str, dataset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", bundle, dataset, "--split", "train", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["split"], document["photos"], document["accuracy"]) == ("train", 1, 1)
    assert "unknown" not in document
    assert run(["evaluate", bundle, dataset, "--split", "validation"]) == 2
    assert "no photos in the split 'validation' (train 1, validation 0, test 8)" in capsys.readouterr().err


def test_labels_that_the_bundle_lacks_are_wrong_and_warned_of(
    tmp_path: Path, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    without_blue = replace(tiny_bundle(PRODUCTS[:3]), name="three")
    path = write_bundle(without_blue, tmp_path / "three.optics")
    assert run(["evaluate", str(path), dataset, "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["labels_not_in_bundle"] == ["Blue"]
    assert document["accuracy"] == 0.75
    assert printed.err.startswith("optics: warning: 1 of the dataset's labels")
    assert printed.err.endswith(": Blue\n")


def test_views_are_a_second_row(bundle: str, dataset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", bundle, dataset, "--views", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["accuracy"], document["views"]["n"], document["views"]["accuracy"]) == (0.875, 2, 0.875)
    assert document["views"]["accuracy_kind"] == 0.875
    assert run(["evaluate", bundle, dataset, "--views", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if "accuracy " in line][:2] == [
        ["accuracy", "0.875"],
        ["views.accuracy", "0.875"],
    ]
    assert any(line.split()[:3] == ["accuracy,", "own", "0.875"] for line in lines)
    assert lines[-1] == "1 photos of Dairy/Butter/Crimson were taken for Blue"
    assert run(["evaluate", bundle, dataset, "--views", "99"]) == 2
    assert "99 views: give 1 to" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["bundle", "dataset", "strangers"])
def test_what_is_missing_is_one_line(
    missing: str, bundle: str, dataset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "nowhere")
    words = {
        "bundle": [nowhere, dataset],
        "dataset": [bundle, nowhere],
        "strangers": [bundle, dataset, "--unknown", nowhere],
    }
    assert run(["evaluate", *words[missing]]) == 2
    error = capsys.readouterr().err
    assert "nowhere" in error
    assert error.count("\n") == 1
