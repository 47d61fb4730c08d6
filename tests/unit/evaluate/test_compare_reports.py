from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shibuya_optics.cli.main import run as optics
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.compare_reports import compare_reports, is_report
from shibuya_optics.evaluate.report import MADE_BY


def written(folder: Path, **numbers: Any) -> Path:
    folder.mkdir()
    head = {"made_by": MADE_BY, "bundle": folder.name, "dataset": "abcdefghij", "split": "test", "seconds": 3.0}
    (folder / "metrics.json").write_text(json.dumps({**head, **numbers}))
    return folder


def product(label: str, accuracy: float) -> dict[str, Any]:
    return {"label": label, "photos": 4, "accuracy": accuracy, "interval95": [0, 1]}


@pytest.fixture
def new(tmp_path: Path) -> Path:
    products = [product("x", 0.5), product("y", 1.0), product("z", 0.5)]
    return written(tmp_path / "new", accuracy=0.75, risk={"aurc": 0.5, "curve": [1]}, ece=0.125, products=products)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    products = [product("x", 0.75), product("y", 0.5), product("z", 0.5)]
    return written(tmp_path / "old", accuracy=0.5, risk={"aurc": 0.75}, unknown={"auroc": 0.5}, products=products)


def test_two_reports_side_by_side(new: Path, old: Path) -> None:
    compared = compare_reports(new, old / "metrics.json")
    assert [(each.name, each.a, each.b, each.difference) for each in compared.measures] == [
        ("accuracy", 0.75, 0.5, 0.25),
        ("risk.aurc", 0.5, 0.75, -0.25),
    ]
    assert (compared.only_a, compared.only_b) == (["ece"], ["unknown.auroc"])
    assert [(each.label, each.accuracy_a, each.accuracy_b) for each in compared.better] == [("y", 1.0, 0.5)]
    assert [each.label for each in compared.worse] == ["x"]


def test_the_command_shows_text_and_one_document(new: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert optics(["compare", str(new), str(old), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == compare_reports(new, old).as_json()
    assert optics(["compare", str(new), str(old)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["accuracy", "0.75", "0.5", "+0.25"] in [line.split() for line in lines]
    assert "only A has: ece" in lines
    assert lines[-1] == "  x: 0.500, 0.750 (4 photos)"


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [("dataset", "another", "datasets"), ("split", "validation", "splits"), ("strangers_hash", "56", "strangers")],
)
def test_reports_of_different_photos_are_refused(
    key: str, value: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, other = (
        written(tmp_path / name, accuracy=0.5, **{"strangers_hash": "12", **changed})
        for name, changed in (("new", {}), ("other", {key: value}))
    )
    with pytest.raises(InputError, match=f"are of different {what}"):
        compare_reports(new, other)
    assert optics(["compare", str(new), str(other)]) == 2
    error = capsys.readouterr().err
    assert f"of different {what}" in error
    assert error.count("\n") == 1


def test_strangers_of_one_report_alone_do_not_hinder(new: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", accuracy=0.5, strangers_hash="12", unknown={"auroc": 0.5})
    assert compare_reports(new, other).only_b == ["unknown.auroc"]


def test_what_is_no_report_is_refused(new: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text("{}")
    (tmp_path / "list.json").write_text("[]")
    assert not is_report(tmp_path / "run")
    assert not is_report(tmp_path / "nowhere")
    for other in ("run", "nowhere", "list.json"):
        assert optics(["compare", str(new), str(tmp_path / other)]) == 2
        error = capsys.readouterr().err
        assert f"{other} is no report" in error
        assert error.count("\n") == 1
