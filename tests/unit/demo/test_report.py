from __future__ import annotations

import io
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shibuya_optics.demo.outcome import Outcome, ProductOutcome, Seconds, Shot, Verdict
from shibuya_optics.demo.report import report, write_report
from shibuya_optics.errors import InputError
from shibuya_optics.records import Answer

VOID = {"meta", "img", "wbr", "br"}


def photo(level: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    return np.full((48, 64, 3), level, np.uint8)


def shot(label: str, said: str | None, given: Verdict, *, known: bool = True) -> Shot:
    return Shot(
        label, photo(90), Answer(said, "product" if said else "none", 0.83 if said else 0, known, (), 0.01), given
    )


@pytest.fixture
def outcome() -> Outcome:
    shots = (
        shot("Dairy/Butter/Norrsken", "Dairy/Butter/Norrsken", "right"),
        shot("Dairy/Butter/Norrsken", "Dairy/Butter/<Other & Co>", "wrong"),
        shot("Dairy/Butter/Norrsken", None, "unknown"),
    )
    strangers = (
        shot("Tins/Tuna/Quill", None, "unknown", known=False),
        shot("Tins/Tuna/Tarn", "Dairy/Butter/Norrsken", "wrong"),
    )
    product = ProductOutcome("Dairy/Butter/Norrsken", (photo(10), photo(20)), shots)
    return Outcome(7, (product,), strangers, Seconds(render=1.25, teach=0.5, identify=2.0))


class Reader(HTMLParser):
    """Checks that tags close in order, and keeps the pictures, the text and every attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_every_photo_is_inside_with_a_description(outcome: Outcome) -> None:
    pictures = read(report(outcome)).pictures
    assert [picture["alt"] for picture in pictures] == [
        "Dairy/Butter/Norrsken, taught photo 1",
        "Dairy/Butter/Norrsken, taught photo 2",
        "Dairy/Butter/Norrsken, unseen photo 1: Dairy/Butter/Norrsken 83% sure",
        "Dairy/Butter/Norrsken, unseen photo 2: Dairy/Butter/<Other & Co> 83% sure",
        "Dairy/Butter/Norrsken, unseen photo 3: I'm not sure",
        "Tins/Tuna/Quill, a stranger: I don't know this one",
        "Tins/Tuna/Tarn, a stranger: Dairy/Butter/Norrsken 83% sure",
    ]
    for picture, level in zip(pictures, (10, 20, 90, 90, 90, 90, 90), strict=True):
        kind, _, data = (picture["src"] or "").partition(",")
        assert kind == "data:image/jpeg;base64"
        image = np.asarray(Image.open(io.BytesIO(b64decode(data))))
        assert image.shape == (48, 64, 3)
        assert abs(float(image.mean()) - level) < 3


def test_marks_say_in_words_what_the_colours_say(outcome: Outcome) -> None:
    text = read(report(outcome)).text
    for mark in ("✓ right", "✗ wrong", "? not named", "✓ refused", "✗ named"):
        assert mark in text


def test_the_numbers_are_those_of_the_outcome(outcome: Outcome) -> None:
    text = " ".join(read(report(outcome)).text.split())
    for words in ("Right1 of 3", "Wrong1 of 3", "Strangers refused1 of 2", "Teaching0.5 s", "All1011", "Seed 7"):
        assert words in text


def test_nothing_is_fetched_and_no_script_runs(outcome: Outcome) -> None:
    html = report(outcome)
    assert "<script" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r"https?://", html)
    links = [value for name, value in read(html).attributes if name in {"src", "href", "srcset", "data"}]
    assert links
    assert all((value or "").startswith("data:image/jpeg;base64,") for value in links)


def test_the_page_is_for_dark_and_light_for_narrow_and_wide(outcome: Outcome) -> None:
    html = report(outcome)
    assert 'lang="en"' in html
    assert "prefers-color-scheme: dark" in html
    assert "width=device-width" in html


def test_the_report_is_written_whole_into_a_new_folder(outcome: Outcome, tmp_path: Path) -> None:
    path = write_report(outcome, tmp_path / "new" / "demo")
    assert path == tmp_path / "new" / "demo" / "report.html"
    assert path.read_text(encoding="utf-8") == report(outcome)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_failed_write_leaves_the_old_report_and_nothing_else(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").write_text("old", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"report\.html cannot be written \(No space left on device\)"):
        write_report(outcome, tmp_path)
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["old"]


def test_a_file_in_the_place_of_the_folder_is_refused(outcome: Outcome, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="give a folder you own with --into"):
        write_report(outcome, tmp_path / "taken")
