"""What is promised in words, in one place, is kept in code, in another."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import shibuya_optics
from shibuya_optics import errors
from shibuya_optics.cli.main import VERBS, optics, run

HEAVY = {"torch", "cv2", "sklearn", "pydantic", "lightning", "h5py", "rich", "onnx", "pillow_heif"}
LONGEST_FILE = 300
ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.OpticsError)]


def commands(name: str) -> list[str]:
    """A verb, or where it is a group, every command inside it."""
    command = optics.get_command(click.Context(optics), name)
    return [f"{name} {inner}" for inner in command.commands] if isinstance(command, click.Group) else [name]


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_in_the_readme(name: str, repository: Path) -> None:
    assert re.search(rf"`?optics {name}\b", (repository / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_and_what_is_inside_it_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in commands(name):
        assert run([*command.split(), "--help"]) == 0
        printed = capsys.readouterr().out
        assert re.search(rf"optics {command}\b", printed.partition("Examples:")[2])
        assert "--json" in printed


def test_no_file_tells_more_than_one_story(repository: Path) -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in (repository / "src").rglob("*.py")}
    assert not {path.name: count for path, count in lines.items() if count > LONGEST_FILE}


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ERRORS]
    assert len(codes) == len(set(codes)) > 20


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_every_error_is_documented_and_stands_in_the_tree(kind: type[errors.OpticsError], repository: Path) -> None:
    page = (repository / "docs" / "errors.md").read_text("utf-8")
    line = next(line for line in page.splitlines() if line.startswith(f"| `{kind.code}` |"))
    assert f"`{kind.__name__}`" in line
    assert kind.__name__ in (errors.__doc__ or "")


def test_everything_public_is_there_and_listed() -> None:
    public = shibuya_optics.__all__
    assert public == sorted(public)
    assert all(getattr(shibuya_optics, name) is not None for name in public)
    assert set(public) == {*shibuya_optics._HOMES, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'Recognizer'"):
        _ = shibuya_optics.Recognizer


def test_every_setting_is_in_the_readme(repository: Path) -> None:
    source = "".join(path.read_text("utf-8") for path in (repository / "src").rglob("*.py"))
    settings = set(re.findall(r"\bOPTICS_[A-Z]+", source))
    assert "OPTICS_DEBUG" in settings
    readme = (repository / "README.md").read_text("utf-8")
    assert all(f"| `{setting}` |" in readme for setting in settings)


def test_the_readme_imports_only_what_is_public(repository: Path) -> None:
    readme = (repository / "README.md").read_text("utf-8")
    imported = re.findall(r"^from shibuya_optics import (.+)$", readme, re.MULTILINE)
    assert imported
    names = {name.strip() for line in imported for name in line.split(",")}
    assert names <= set(shibuya_optics.__all__)


def test_the_path_of_identify_imports_nothing_heavy() -> None:
    code = (
        "import sys, shibuya_optics.cli.main, shibuya_optics.cli.identify\n"
        "from shibuya_optics import Recogniser\n"
        "print(*(name.partition('.')[0] for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "shibuya_optics" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_one_version_everywhere(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == shibuya_optics.__version__
    assert f"## [{shibuya_optics.__version__}]" in (repository / "CHANGELOG.md").read_text("utf-8")


def test_every_target_of_the_makefile_is_explained_in_it(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert re.search(rf"^# {target}\s", makefile, re.MULTILINE)
