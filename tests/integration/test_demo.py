"""`optics demo` from the command line to the report, with a tiny network and small photos."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tiny_bundle import tiny_bundle

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.demo import pantry, render, show


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(show, "render", partial(render, size=(60, 45)))
    tiny = tiny_bundle()
    bold = replace(tiny.decision, known_midpoint=0.3)
    return str(
        write_bundle(
            replace(tiny, decision=bold, costs=replace(tiny.costs, wrong_product=0.25)), tmp_path / "tiny.optics"
        )
    )


def test_the_demo_teaches_identifies_and_writes_its_report(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = tmp_path / "demo"
    assert run(["demo", "--bundle", bundle, "--into", str(into), "--seed", "5", "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert captured.err == ""
    assert (document["bundle"], document["seed"], document["taught"], document["photos"]) == ("tiny", 5, 32, 40)
    assert document["right"] + document["kind"] + document["wrong"] + document["unknown"] == 40
    assert document["right"] > 5  # colours alone tell more than chance, which is one in eight
    strangers = document["strangers"]
    assert strangers["refused"] + strangers["named"] + strangers["kind"] == strangers["photos"] == 16
    assert [row["label"] for row in document["products"]] == [product.label for product in pantry(8, 5)]
    html = (into / "report.html").read_text(encoding="utf-8")
    assert document["report"] == str(into / "report.html")
    assert html.count("<img ") == 32 + 40 + 16
    assert html.count("✓ right") == document["right"]
    assert html.count("✓ refused") == strangers["refused"]


def test_people_get_the_table(bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--bundle", bundle, "--into", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "8 products taught from 4 photos each, then 40 unseen photos:"
    assert lines[2].split("  ")[0] == "product"
    rows = {line.split()[0]: [int(number) for number in line.split()[1:]] for line in lines[3:12]}
    assert list(rows) == [*(product.label for product in pantry(8)), "all"]
    assert rows["all"] == [sum(column) for column in zip(*list(rows.values())[:-1], strict=True)]
    assert sum(rows["all"]) == 40
    assert lines[13].startswith("16 strangers: ")
    assert lines[-1] == f"The pictures: {tmp_path / 'report.html'}"


def test_a_folder_that_cannot_be_had_is_one_clear_line(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert run(["demo", "--bundle", bundle, "--into", str(tmp_path / "taken")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "taken" in captured.err


def test_the_demo_needs_no_training_library() -> None:
    program = (
        "import sys; import shibuya_optics.cli.demo, shibuya_optics.demo.show, shibuya_optics.demo.report;"
        "from shibuya_optics.recognise import Recogniser;"
        "print(sorted({'torch', 'cv2', 'sklearn', 'pydantic', 'lightning', 'onnx'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ended.stdout == "[]\n"
