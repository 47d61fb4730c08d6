from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from shibuya_optics import __version__
from shibuya_optics.cli.main import VERBS, VerbGroup, run
from shibuya_optics.errors import NotAPhotoError

Fails = Callable[[BaseException], None]


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Fails:
    """Make every verb fail with an error; it takes any words, `--json` among them."""

    def install(error: BaseException) -> None:
        def fail(**_: object) -> None:
            raise error

        command = click.Command("verb", callback=fail, params=[click.Option(["--json"], is_flag=True)])
        monkeypatch.setattr(VerbGroup, "get_command", lambda *_: command)

    return install


def start(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shibuya_optics", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_help_lists_every_verb_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    lines = capsys.readouterr().out
    for name, verb in VERBS.items():
        assert f"  {name} " in lines
        assert verb.summary.split()[0] in lines


def test_no_words_at_all_print_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert capsys.readouterr().out.startswith("Usage: optics")


def test_help_waits_for_no_heavy_module() -> None:
    code = "import sys; from shibuya_optics.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "PIL", "onnxruntime", "rich", "h5py"}.isdisjoint(done.stderr.split())


def test_the_module_runs_as_the_command_does() -> None:
    assert start("--version").stdout == f"optics {__version__}\n"


def test_a_mistyped_verb_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["idetify", "photo.jpg"]) == 2
    error = capsys.readouterr().err
    assert error == "optics: no verb 'idetify': did you mean 'identify' or 'verify'? See `optics --help`.\n"


def test_a_mistyped_option_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "bash", "--jsn"]) == 2
    assert capsys.readouterr().err == (
        "optics: No such option '--jsn'. Did you mean '--json'? See `optics completion --help`.\n"
    )


@pytest.mark.parametrize(
    "words", [["completion"], ["completion", "tcsh"], ["completion", "bash", "zsh"], ["--nothing"]]
)
def test_a_usage_error_is_one_line_and_exits_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("optics: ")
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_an_error_on_purpose_is_one_line_and_exits_2(fails: Fails, capsys: pytest.CaptureFixture[str]) -> None:
    fails(NotAPhotoError("a.jpg is no image:\n give a JPEG."))
    assert run(["identify"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "optics: a.jpg is no image: give a JPEG.\n")


def test_under_json_an_error_is_also_a_document(fails: Fails, capsys: pytest.CaptureFixture[str]) -> None:
    fails(NotAPhotoError("a.jpg is no image."))
    assert run(["identify", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document == {"error": {"code": "photo-not-an-image", "message": "a.jpg is no image."}}
    assert run(["idetify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


def test_what_the_system_refuses_is_no_bug(fails: Fails, capsys: pytest.CaptureFixture[str]) -> None:
    fails(PermissionError(13, "Permission denied", "/root/a.optics"))
    assert run(["identify", "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "optics: /root/a.optics: Permission denied.\n"
    assert json.loads(printed.out)["error"]["code"] == "file"


def test_a_bug_is_one_line_and_exits_1(
    fails: Fails, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPTICS_DEBUG", raising=False)
    fails(ZeroDivisionError("division by zero"))
    assert run(["identify"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("optics: ZeroDivisionError: division by zero (a bug: please report it")
    assert error.count("\n") == 1


def test_a_bug_shows_its_traceback_when_asked(
    fails: Fails, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTICS_DEBUG", "1")
    fails(ZeroDivisionError("division by zero"))
    assert run(["identify"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_ctrl_c_exits_130_without_a_traceback(fails: Fails, capsys: pytest.CaptureFixture[str]) -> None:
    fails(KeyboardInterrupt())
    assert run(["identify"]) == 130
    assert capsys.readouterr().err.strip() == "optics: stopped."


def test_a_reader_that_went_away_is_met_with_silence() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "shibuya_optics", "--help"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_completion_names_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert run(["completion", shell]) == 0
        assert "_OPTICS_COMPLETE" in capsys.readouterr().out
    words = {"_OPTICS_COMPLETE": "bash_complete", "COMP_WORDS": "optics iden", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "shibuya_optics"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **words})
    assert done.stdout.strip() == "plain,identify"
