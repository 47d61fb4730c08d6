from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tiny_bundle import tiny_bundle
from tiny_training import tiny_recipe, write_tiny_pantry

from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run as optics
from shibuya_optics.errors import MissingExtraError
from shibuya_optics.train.methods import finetuned, frozen
from shibuya_optics.train.methods.by_recipe import method_of


@pytest.mark.parametrize(("method", "module"), [("finetune", finetuned), ("frozen", frozen)])
def test_a_recipe_names_its_method(method: str, module: object, tmp_path: Path) -> None:
    assert method_of(tiny_recipe(tmp_path / "tiny.h5", {"method": method})) is module


@pytest.mark.parametrize(
    ("method", "library", "extra"), [("finetune", "finetuned", "train"), ("frozen", "frozen", "learn")]
)
def test_a_library_that_is_missing_is_told_with_the_part_that_has_it(
    method: str, library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"shibuya_optics.train.methods.{library}", None)
    monkeypatch.delattr(f"shibuya_optics.train.methods.{library}")
    with pytest.raises(MissingExtraError, match=rf"shibuya-optics\[{extra}\]"):
        method_of(tiny_recipe(tmp_path / "tiny.h5", {"method": method}))


def test_the_command_line_shows_a_cross_validation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny_pantry(tmp_path / "tiny.h5")
    write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    (tmp_path / "tiny.toml").write_text(
        f'name = "tiny"\ndataset = "{tmp_path / "tiny.h5"}"\nmethod = "frozen"\nbackbone = "{tmp_path / "tiny.optics"}"\n'
    )
    assert optics(["crossval", str(tmp_path / "tiny.toml"), "--runs", str(tmp_path / "runs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:4]] == [["0", "21", "15"], ["1", "24", "12"], ["2", "27", "9"]]
    assert [line.split()[0] for line in lines[4:8]] == ["mean", "sd", "pooled", "without"]
    assert lines[8].startswith("pooled accuracy, 95 %: 0.")
    (run,) = (tmp_path / "runs").iterdir()
    assert lines[-1].split() == ["run", str(run)]
