from __future__ import annotations

import io
import json
import sys

import pytest

from shibuya_optics.cli.output import emit, examples, fail, progress, table, warn


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_emit_prints_the_text_or_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"accuracy": 0.5}, False, "half")
    assert capsys.readouterr().out == "half\n"
    emit({"accuracy": 0.5}, True, "half")
    assert json.loads(capsys.readouterr().out) == {"accuracy": 0.5}


def test_a_list_is_one_document_of_one_element_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [{"label": "Lemon"}, {"label": "Käse/\udce9"}]
    emit(answers, True, "")
    printed = capsys.readouterr().out
    assert json.loads(printed) == answers
    assert printed.splitlines()[1] == '{"label": "Lemon"},'
    emit([], True, "")
    assert json.loads(capsys.readouterr().out) == []


def test_a_document_is_strict_json() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        emit({"accuracy": float("nan")}, True, "")


def test_table_lines_up_words_left_and_numbers_right() -> None:
    assert table(("product", "photos"), [("Lemon", 5), ("Lime", 12)]).splitlines() == [
        "product  photos",
        "Lemon         5",
        "Lime         12",
    ]
    assert table(("product",), []) == "product"


def test_progress_hands_everything_through_in_silence_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress(iter("abc"), "letters", 3)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("json_mode", [False, True])
def test_progress_shows_on_a_terminal_but_not_under_json(json_mode: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress(iter("abc"), "letters", 3, json_mode)) == ["a", "b", "c"]
    assert ("letters" in terminal.getvalue()) is not json_mode


def test_warnings_and_errors_are_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    warn("two\nlines")
    fail("input", "a\n  b", json_mode=False)
    printed = capsys.readouterr()
    assert printed.err == "optics: warning: two lines\noptics: a b\n"
    assert printed.out == ""


def test_examples_keep_their_lines() -> None:
    assert examples("optics pack work", "optics products") == ("\b\nExamples:\n  optics pack work\n  optics products")
