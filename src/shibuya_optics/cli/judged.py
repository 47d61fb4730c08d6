"""What `optics evaluate` tells people of a judgement: a table of measures with their meanings, and the worst confusions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shibuya_optics.cli.output import table

if TYPE_CHECKING:
    from shibuya_optics.evaluate.judge import Judgement, UnknownJudgement

MOST_SHOWN = 3


def judgement_text(document: dict[str, Any], judgement: Judgement, strange: UnknownJudgement | None) -> str:
    """A judgement for people: of photos, and of strangers where there were any."""
    low, high = judgement.interval95
    rows = [
        ("accuracy", f"{judgement.accuracy:.3f}", f"best candidate is the true product; 95 %: {low:.3f} to {high:.3f}"),
        ("accuracy_kind", f"{judgement.accuracy_kind:.3f}", "likeliest kind is the true kind"),
        ("ece", f"{judgement.ece:.3f}", "expected calibration error"),
        ("answered", f"{judgement.answered:.3f}", f"a product was claimed; right: {_share(judgement.answered_right)}"),
        ("claimed_wrong", f"{judgement.claimed_wrong:.3f}", "a wrong product or kind was claimed"),
        ("known_refused", f"{judgement.known_refused:.3f}", "taken for a stranger"),
        ("read", f"{document['read']:.3f}", "of the photos, print was read in"),
    ]
    if "views" in document:
        seen = document["views"]
        low, high = seen["interval95"]
        rows += [
            (
                "views.accuracy",
                f"{seen['accuracy']:.3f}",
                f"the mean of {seen['n']} views; 95 %: {low:.3f} to {high:.3f}",
            ),
            ("views.accuracy_kind", f"{seen['accuracy_kind']:.3f}", f"the mean of {seen['n']} views"),
        ]
    for origin, shares in judgement.by_origin.items():
        rows += [
            (f"accuracy, {origin}", f"{shares.accuracy:.3f}", f"of {shares.photos:,} photos of this origin"),
            (f"accuracy_kind, {origin}", f"{shares.accuracy_kind:.3f}", f"of {shares.photos:,} photos of this origin"),
        ]
    if strange:
        rows += [
            ("unknown.refused", f"{strange.refused:.3f}", f"of {strange.photos} strangers, taken for strangers"),
            *(
                (f"unknown.{metric}", f"{value:.3f}", f"by {score}")
                for score, metrics in strange.scores.items()
                for metric, value in metrics.items()
            ),
        ]
    rows += _worth_rows(document)
    head = f"{document['bundle']} on {judgement.photos:,} {document['split']} photos, {document['seconds']:.1f} s"
    return f"{head}\n{table(('measure', 'value', 'meaning'), rows)}{_confusions(judgement)}"


def _worth_rows(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    useful = document["usefulness"]
    rows = [("sure", f"{useful['sure']:.3f}", f"claimed with 0.9 or more; right: {_share(useful['sure_right'])}")]
    for name, worth in (("", useful), (", strangers too", document.get("usefulness_with_strangers"))):
        if worth:
            rows += [
                (f"wrong_names{name}", f"{worth['wrong_names']:.3f}", f"naming always: {worth['always_wrong']:.3f}"),
                (
                    f"useful{name}",
                    f"{worth['useful']:.3f}",
                    f"right product or kind; naming always: {worth['always_useful']:.3f}",
                ),
            ]
    for sets in document["answer_sets"]:
        rows.append((f"answer_sets {sets['asked']:.0%}", _share(sets["coverage"], "too few"), _set_size(sets)))
    return rows


def _confusions(judgement: Judgement) -> str:
    """The worst confusions, a line each; nothing where there is none."""
    lines = [f"{c.photos} photos of {c.truth} were taken for {c.taken_for}" for c in judgement.confusions[:MOST_SHOWN]]
    return "".join(f"\n{line}" for line in lines)


def _set_size(sets: dict[str, Any]) -> str:
    if sets["size"] is None:
        return f"at least {sets['needed']} calibration photos are needed, there are {sets['calibration']}"
    return f"of the photos, the set holds the true product; mean size {sets['size']:.2f}"


def _share(share: float | None, missing: str = "none was") -> str:
    return missing if share is None else f"{share:.3f}"
