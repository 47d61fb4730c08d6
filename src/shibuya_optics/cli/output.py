"""What every verb prints with: one document, a table, a progress bar, a warning, an error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

Item = TypeVar("Item")
Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Give a command the option `--json`, its parameter `json_mode: bool`."""
    return click.option(
        "--json", "json_mode", is_flag=True, help="Print one JSON document on stdout, no progress bar."
    )(command)


def examples(*lines: str) -> str:
    """The `epilog` of a command: its examples, one a line, as they would be typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def emit(document: Mapping[str, Any] | Sequence[Any], json_mode: bool, text: str) -> None:
    """Print a verb's result on stdout: the JSON document, or the text for people.

    A list is written one element a line, so that `head` and `grep` work on it.
    """
    click.echo(_as_json(document) if json_mode else text)


def _as_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    import json

    if isinstance(document, Mapping):
        return json.dumps(document, indent=2, allow_nan=False)
    return "[\n" + ",\n".join(json.dumps(element, allow_nan=False) for element in document) + "\n]"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as text in columns as wide as their widest entry, two spaces apart; numbers stand right."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(headings))]
    return "\n".join(_row(line, widths) for line in lines)


def _row(line: Sequence[object], widths: Sequence[int]) -> str:
    entries = zip(line, widths, strict=True)
    return "  ".join(
        str(entry).rjust(width) if isinstance(entry, int | float) else str(entry).ljust(width)
        for entry, width in entries
    ).rstrip()


def progress(
    iterable: Iterable[Item], description: str, total: int | None = None, json_mode: bool = False
) -> Iterator[Item]:
    """The items as they come, with a progress bar on stderr; silent under `--json` or where stderr is no terminal."""
    if json_mode or not sys.stderr.isatty():
        yield from iterable
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(iterable, description, total=total, console=Console(stderr=True), transient=True)


def warn(message: str) -> None:
    """Print a warning, one line, on stderr."""
    click.echo(f"optics: warning: {_one_line(message)}", err=True)


def fail(code: str, message: str, *, json_mode: bool) -> None:
    """Print what went wrong: one line on stderr, and under `--json` also a document on stdout."""
    message = _one_line(message)
    click.echo(f"optics: {message}", err=True)
    if json_mode:
        emit({"error": {"code": code, "message": message}}, json_mode, "")


def _one_line(message: str) -> str:
    return " ".join(message.split())
