"""What the answers are worth: names and kinds against always naming a product, and answer sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.page import Section, percent, table


def worth_section(judged: Judged) -> Section | None:
    """Wrong names and useful answers, and how often answer sets hold the true product; nothing where they were not measured."""
    document = judged.document
    if "usefulness" not in document:
        return None
    rows = _rows("known photos", document["usefulness"])
    if "usefulness_with_strangers" in document:
        rows += _rows("and strangers", document["usefulness_with_strangers"])
    answers = table(("Answers", "Wrong names", "Right product or kind"), rows)
    explained = (
        '<p class="soft">Where products are too close to call it names their kind, or nothing: the answer with the highest '
        "expected worth by the bundle's table of costs. Beside it, what naming the best candidate always would give.</p>"
    )
    sets = table(
        ("Answer sets of", "Hold the true product", "Mean size"),
        [(percent(one["asked"]), *_held(one)) for one in document["answer_sets"]],
    )
    promised = (
        '<p class="soft">An answer set holds the true product in the share of photos asked for, as long as a photo shows a '
        "product that is known and is like the calibration photos.</p>"
    )
    return Section("What the answers are worth", answers + explained + sets + promised, {})


def _rows(photos: str, worth: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (f"as given, {photos}", percent(worth["wrong_names"]), percent(worth["useful"])),
        (f"always a product, {photos}", percent(worth["always_wrong"]), percent(worth["always_useful"])),
    ]


def _held(one: Mapping[str, Any]) -> tuple[str, str]:
    if one["coverage"] is None:
        return f"at least {one['needed']} calibration photos are needed, there are {one['calibration']}", ""
    return percent(one["coverage"]), f"{one['size']:.2f}"
