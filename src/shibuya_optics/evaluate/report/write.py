"""Puts the sections together, and writes the page and its numbers into a folder."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.report.accuracy import accuracy_section, kinds_section, products_section
from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.mistakes import mistakes_section
from shibuya_optics.evaluate.report.page import Section, page
from shibuya_optics.evaluate.report.robust import robustness_section
from shibuya_optics.evaluate.report.strange import strangers_section
from shibuya_optics.evaluate.report.trust import trust_section
from shibuya_optics.evaluate.report.worth import worth_section
from shibuya_optics.files import write_json, write_whole

PAGE, METRICS = "report.html", "metrics.json"
MADE_BY = "optics evaluate --report"
"""What `made_by` says in the numbers of a report; those of a run folder have none."""
SECTIONS: tuple[Callable[[Judged], Section | None], ...] = (
    accuracy_section,
    trust_section,
    worth_section,
    strangers_section,
    mistakes_section,
    robustness_section,
    kinds_section,
    products_section,
)
"""The parts of a report in their order; one that gives None is left out. A further part is one more function."""


def write_report(judged: Judged, folder: Path) -> Path:
    """Write `metrics.json` and, last, `report.html`, each whole or not at all; the page's path.

    Raises:
        InputError: the folder is a file, or cannot be written to.
    """
    check_folder(folder)
    sections = _sections(judged)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / METRICS, _numbers(judged, sections))
        write_whole(folder / PAGE, _html(judged, sections).encode())
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written to ({error.strerror}): give a folder you own with --report."
        ) from error
    return folder / PAGE


def check_folder(folder: Path) -> None:
    """Refuse what cannot be a folder, before anything is measured.

    Raises:
        InputError: it, or what it should lie in, is a file.
    """
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise InputError(f"{nearest} is a file, not a folder: give a folder for {PAGE} and {METRICS} with --report.")


def report(judged: Judged) -> str:
    """The report as one HTML document that needs no other file."""
    return _html(judged, _sections(judged))


def metrics(judged: Judged) -> dict[str, Any]:
    """The numbers of the report, a JSON object: those of `--json`, and those of each section."""
    return _numbers(judged, _sections(judged))


def _sections(judged: Judged) -> list[Section]:
    return [section for make in SECTIONS if (section := make(judged)) is not None]


def _numbers(judged: Judged, sections: list[Section]) -> dict[str, Any]:
    numbers = {key: value for section in sections for key, value in section.numbers.items()}
    return {"made_by": MADE_BY, **judged.document, **numbers}


def _html(judged: Judged, sections: list[Section]) -> str:
    document = judged.document
    title = f"{document['bundle']} on {judged.judgement.photos:,} {document['split']} photos"
    head = f'<h1>{escape(title)}</h1><p class="soft">Dataset {escape(str(document["dataset"])[:12])}.</p>'
    parts = (f"<section><h2>{escape(section.title)}</h2>\n{section.body}\n</section>" for section in sections)
    return page(f"shibuya-optics: {title}", "\n".join([head, *parts]))
