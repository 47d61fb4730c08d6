from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_bundle import COLOURS, PRODUCTS, noisy_photo, tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.evaluate.few_shot_plot import curve_of, draw_curves
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Split

JUICE, MILK, PEAR = "Packages/Juice/Red", "Packages/Milk/Green", "Fruit/Pear/Blue"
SHOWN = {JUICE: "Dairy/Butter/Red", MILK: "Dairy/Milk/Green", PEAR: "Blue"}
UNTAUGHT = "Packages/Juice/Crimson"


def photographed(label: str, seed: int, split: Split) -> Row:
    jpeg = encode_jpeg(noisy_photo(COLOURS[SHOWN.get(label, "Dairy/Butter/Crimson")], seed))
    sha256 = hashlib.sha256(jpeg).hexdigest()
    return Row(
        jpeg=jpeg, label=label, split=split, origin="public:groceries", group=None, sha256=sha256, width=40, height=40
    )


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(write_bundle(tiny_bundle(), tmp_path / "tiny.optics"))


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Four train photos of each of three products, two of the pear; two test photos of these and of one without any."""
    rows = [photographed(label, seed, "train") for label in SHOWN for seed in range(2 if label == PEAR else 4)]
    rows += [photographed(label, seed, "test") for label in (*SHOWN, UNTAUGHT) for seed in (7, 8)]
    write_pantry(tmp_path / "pantry.h5", rows, LabelTree.of((*SHOWN, UNTAUGHT)))
    return str(tmp_path / "pantry.h5")


def curve(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[dict[str, Any], str]:
    assert run(["evaluate", *words, "--json"]) == 0
    printed = capsys.readouterr()
    return json.loads(printed.out), printed.err


def test_the_document_has_the_curve(bundle: str, dataset: str, capsys: pytest.CaptureFixture[str]) -> None:
    document, warnings = curve(capsys, bundle, dataset, "--few-shot", "1,3", "--draws", "2", "--seed", "5")
    assert (document["bundle"], document["split"], document["photos"]) == ("tiny", "test", 6)
    assert document["dataset"] == PantryFile.open(dataset).hash
    measured = document["few_shot"]
    assert measured["products"] == sorted(SHOWN)
    assert (measured["kinds"], measured["candidates"], measured["draws"], measured["seed"]) == (3, 10, 2, 5)
    assert measured["not_taught"] == [UNTAUGHT]
    assert [(point["k"], point["short"]) for point in measured["points"]] == [(1, 0), (3, 1)]
    assert measured["points"][0]["accuracy"] == {"mean": 1, "sd": 0, "draws": [1, 1]}
    assert measured["points"][1]["accuracy_kind"]["mean"] == 1
    assert (measured["trained_on"], measured["may_be_trained_on"]) == ([], False)
    assert "accuracy" not in document
    assert warnings.splitlines() == [
        f"optics: warning: 1 products have no train photos and are left out: {UNTAUGHT}",
        "optics: warning: 1 of 3 products have fewer than 3 train photos: taught from all.",
    ]


def test_packaged_products_are_those_below_packages(
    bundle: str, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wanted, products in (
        ("packaged", [JUICE, MILK]),
        ("Packages/Milk", [MILK]),
        (PEAR, [PEAR]),
        ("all", [PEAR, JUICE, MILK]),
    ):
        document, _ = curve(capsys, bundle, dataset, "--few-shot", "1", "--products", wanted)
        assert document["few_shot"]["products"] == products
        assert document["photos"] == 2 * len(products)
    assert run(["evaluate", bundle, dataset, "--few-shot", "1", "--products", "Packages/Silk"]) == 2
    assert "no products 'Packages/Silk': did you mean 'Packages/Milk'" in capsys.readouterr().err


def test_a_bundle_trained_on_the_products_says_nothing_of_new_ones(
    tmp_path: Path, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = replace(tiny_bundle(), tree=LabelTree((JUICE, *PRODUCTS[1:])))
    path = str(write_bundle(trained, tmp_path / "trained.optics"))
    document, warnings = curve(capsys, path, dataset, "--few-shot", "1", "--products", "packaged")
    assert document["few_shot"]["trained_on"] == [JUICE]
    assert document["few_shot"]["may_be_trained_on"]
    assert f"this bundle was trained on 1 of these 2 products ({JUICE})" in warnings
    assert "the curve says nothing about new ones" in warnings
    assert curve(capsys, path, dataset, "--few-shot", "1", "--products", MILK)[1] == ""


def test_a_bundle_that_may_have_seen_the_products_is_warned_of(
    tmp_path: Path, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    older = {"name": "older", "ancestors": [{"name": "photos", "origin": "public:groceries", "photos": 5}]}
    path = str(write_bundle(replace(tiny_bundle(), lineage=(older,)), tmp_path / "from-older.optics"))
    document, warnings = curve(capsys, path, dataset, "--few-shot", "1", "--products", MILK)
    assert (document["few_shot"]["trained_on"], document["few_shot"]["may_be_trained_on"]) == ([], True)
    assert "may say nothing about new ones" in warnings


def test_people_get_a_table_and_a_plot(
    bundle: str, dataset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "curve.svg"
    words = [bundle, dataset, "--few-shot", "1,2", "--products", "packaged", "--plot", str(plot)]
    assert run(["evaluate", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny, emptied and taught 2 products of 2 kinds, by looking alone, on 4 test photos")
    assert [line.split()[:2] for line in lines[2:4]] == [["1", "1.000"], ["2", "1.000"]]
    document, _ = curve(capsys, *words)
    assert plot.read_text(encoding="utf-8") == draw_curves([curve_of(document)])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--few-shot", "1,a"], "'1,a' are no numbers of photos"),
        (["--few-shot", "0"], "cannot be looked at"),
        (["--few-shot", "-1"], "give k from 0 to 200"),
        (["--few-shot", "1", "--draws", "0"], "one draw or more"),
        (["--few-shot", "1", "--views", "2"], "--views cannot be asked for together with --few-shot"),
        (["--few-shot", "1", "--unknown", "x"], "--unknown cannot be asked for together with --few-shot"),
        (["--few-shot", "1", "--split", "train"], "ask for others with --split"),
        (["--few-shot", "1", "--split", "validation"], "no validation photos of products with train photos"),
        (["--few-shot", "1", "--plot", "curve.png"], "give a name that ends in .svg"),
        (["--products", "packaged"], "--products needs --few-shot"),
        (["--plot", "curve.svg"], "--plot needs --few-shot"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line(
    words: list[str], message: str, bundle: str, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", bundle, dataset, *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
