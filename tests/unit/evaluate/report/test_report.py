from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.bootstrap import bootstrap_interval
from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement, judge, judge_unknown
from shibuya_optics.evaluate.report import MADE_BY, Judged, Pictures, check_folder, metrics, report, write_report
from shibuya_optics.evaluate.report.write import SECTIONS
from shibuya_optics.evaluate.robustness import Robust
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import Scores
from shibuya_optics.records import Answer

TREE = LabelTree(("Dairy/Butter/<Lurpak>", "Dairy/Butter/Arla", "Dairy/Milk/Oatly", "Lemon"))
TRUTH = (*[TREE.products[0]] * 4, *[TREE.products[2]] * 4, *[TREE.products[3]] * 2)
BEST = (0, 0, 0, 1, 2, 2, 2, 0, 3, 3)
GROUPS = ("a", "a", "b", "b", *[None] * 6)
TITLES = ("Accuracy", "Confidence", "Mistakes", "By kind", "By product")


class Scripted:
    """Answers what it is told, whatever the photos: the best product of each, or none for a stranger."""

    tree = TREE

    def __init__(self, best: tuple[int, ...], known: float) -> None:
        self._best, self._known = best, known

    def scores(self, photos: object) -> Scores:
        count = len(self._best)
        logits = np.zeros((count, len(TREE)), np.float32)
        logits[np.arange(count), self._best] = np.linspace(2, 6, count)
        confidences = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        known = np.linspace(-1, 1, count, dtype=np.float32) + np.float32(self._known)
        answers = tuple(Answer(TREE.products[i], "product", 0.9, self._known > 0, (), 0.0) for i in self._best)
        return Scores(logits, known, confidences.astype(np.float32), answers)


def photos(count: int) -> list[PhotoSource]:
    return [b""] * count


def judgement_of(best: tuple[int, ...]) -> Judgement:
    return judge(Scripted(best, 3), photos(len(best)), TRUTH, ["own", "web"] * 5)


def judged(best: tuple[int, ...] = BEST, *, full: bool = False) -> Judged:
    judgement = judgement_of(best)
    strange: UnknownJudgement | None = (
        judge_unknown(Scripted((0, 1), -3), judgement.scores, photos(2)) if full else None
    )
    robust = (Robust("dark", "values times 0.3", 0.5, 30.0), Robust("JPEG", "quality 20", 0.8, 0.0)) if full else ()
    document = {"bundle": "a <b>", "dataset": "abc", "split": "test", **judgement.as_json(), "seconds": 1.0}
    pictures = {(TREE.products[0], TREE.products[1]): Pictures(b"jpeg", None)} if full else {}
    return Judged(document, TREE, TRUTH, ("own", "web") * 5, GROUPS, judgement, strange, robust, pictures)


class Reader(HTMLParser):
    """Collects what a page would fetch or run, its headings, and whether its tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "img", "wbr"}:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "h2":
            self.headings.append(data)


def test_the_page_stands_alone_and_is_well_formed() -> None:
    text = report(judged(full=True))
    page = Reader(text)
    assert page.headings == [*TITLES[:2], "Strangers", TITLES[2], "Robustness", *TITLES[3:]]
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert page.fetched == ["data:image/jpeg;base64,anBlZw=="]
    assert not re.search(r"https?://|url\(|@import", text)
    assert "&lt;Lurpak&gt;" in text
    assert "<Lurpak>" not in text
    assert "<b>a <b>" not in text
    assert text.count("<figcaption>") == text.count("<figure")


def test_what_was_not_measured_has_no_section() -> None:
    assert Reader(report(judged())).headings == list(TITLES)
    assert not {"strangers", "robustness"} & set(metrics(judged()))
    assert len(SECTIONS) == 8


def test_what_answers_are_worth_has_a_section() -> None:
    worth = {"wrong_names": 0.05, "useful": 0.9, "always_wrong": 0.125, "always_useful": 0.875}
    sets = [
        {"asked": 0.9, "coverage": 0.91, "size": 1.5, "needed": 9, "calibration": 12},
        {"asked": 0.95, "coverage": None, "size": None, "needed": 19, "calibration": 12},
    ]
    plain = judged()
    text = report(replace(plain, document={**plain.document, "usefulness": worth, "answer_sets": sets}))
    assert "What the answers are worth" in Reader(text).headings
    for shown in ("12.5 %", "87.5 %", "1.50", "at least 19 calibration photos are needed, there are 12"):
        assert shown in text


def test_the_numbers_by_hand() -> None:
    numbers = metrics(judged(full=True))
    assert numbers["made_by"] == MADE_BY
    assert numbers["accuracy"] == 0.8
    right = [True, True, True, False, True, True, True, False, True, True]
    assert numbers["bootstrap"]["groups"] == 8
    assert numbers["bootstrap"]["accuracy"]["interval95"] == list(bootstrap_interval(right, GROUPS))
    assert set(numbers["bootstrap"]["by_origin"]) == {"own", "web"}
    assert [(row["label"], row["photos"], row["accuracy"]) for row in numbers["products"]] == [
        ("Dairy/Butter/<Lurpak>", 4, 0.75),
        ("Dairy/Milk/Oatly", 4, 0.75),
        ("Lemon", 2, 1.0),
    ]
    assert [row["label"] for row in numbers["kinds"]] == ["Dairy/Butter", "Dairy/Milk", "Lemon"]
    assert numbers["mistakes"] == {"photos": 2, "distance_mean": 3, "distances": {"2": 1, "4": 1}}
    assert numbers["risk"]["curve"]["risk"][-1] == pytest.approx(0.2)
    assert sum(each["photos"] for each in numbers["reliability"]) == 10
    assert sum(numbers["strangers"]["histogram"]["known"]) == pytest.approx(1)
    assert numbers["robustness"]["plain"]["accuracy"] == pytest.approx(0.8)
    assert numbers["robustness"]["dark"] == {"strength": "values times 0.3", "accuracy": 0.5, "drop": 30.0}
    json.dumps(numbers, allow_nan=False)


def test_where_nothing_or_all_is_wrong_the_page_still_reads() -> None:
    assert "There are none: every best candidate" in report(judged((0, 0, 0, 0, 2, 2, 2, 2, 3, 3)))
    numbers = metrics(judged((3,) * 8 + (0, 0)))
    assert numbers["accuracy"] == 0
    assert numbers["mistakes"]["photos"] == 10


def test_both_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    path = write_report(judged(full=True), tmp_path / "deep" / "folder")
    assert path == tmp_path / "deep" / "folder" / "report.html"
    assert sorted(each.name for each in path.parent.iterdir()) == ["metrics.json", "report.html"]
    assert json.loads((path.parent / "metrics.json").read_text()) == json.loads(json.dumps(metrics(judged(full=True))))
    assert path.read_text("utf-8") == report(judged(full=True))


def test_what_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="file is a file, not a folder"):
            check_folder(path)
        with pytest.raises(InputError, match="file is a file, not a folder"):
            write_report(judged(), path)
    check_folder(tmp_path / "new" / "folder")


def test_photos_without_a_label_each_are_refused() -> None:
    with pytest.raises(InputError, match="give one of each a photo"):
        replace(judged(), truth=TRUTH[:3])
