"""How well strangers are told from what is known."""

from __future__ import annotations

from dataclasses import asdict

from shibuya_optics.evaluate.plots import Axis, Frame, key, plot, steps
from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.page import Section, figure, figures, percent, table
from shibuya_optics.evaluate.unknowns import shared_histogram


def strangers_section(judged: Judged) -> Section | None:
    """AUROC and FPR95 of each score, and both histograms of the recogniser's; nothing where there were no strangers."""
    strange = judged.strange
    if strange is None:
        return None
    found = shared_histogram(judged.judgement.scores.known, strange.judged.known)
    top = max(*found.known, *found.strangers)
    frame = Frame(
        Axis.around("log-odds that the photo shows anything known", found.edges[0], found.edges[-1]),
        Axis.around("photos of each", 0, top, percent=True),
    )
    drawn = plot(
        f"Histograms of the score: known photos and {strange.photos} strangers, AUROC {strange.auroc:.3f}.",
        frame,
        steps(frame, found.edges, found.known),
        steps(frame, found.edges, found.strangers, "second"),
    )
    caption = (
        "The less the two overlap, the better strangers are told; photos left of 0 are refused as unknown, "
        "known ones among them wrongly."
    )
    body = figures(
        [
            ("Strangers refused", percent(strange.refused), f"of {strange.photos:,}; higher is better"),
            (
                "Known photos refused",
                percent(strange.known_refused),
                f"of {judged.judgement.photos:,}; lower is better",
            ),
        ]
    )
    scores = table(
        ("Score", "AUROC", "FPR95"),
        [(name, f"{each['auroc']:.3f}", f"{each['fpr95']:.3f}") for name, each in strange.scores.items()],
    )
    both = key(("first", "known photos"), ("second", "strangers"))
    explained = (
        '<p class="soft">AUROC: how often a known photo scores above a stranger; 1 is perfect, 0.5 chance. FPR95: strangers '
        "taken for known when 95 % of the known photos pass; 0 is perfect. <b>known</b> is the recogniser's own score, "
        "<b>max-softmax</b> the highest probability among the products, to compare it with.</p>"
    )
    plots = f'<div class="plots">{figure(both + drawn, caption)}</div>'
    return Section("Strangers", body + scores + explained + plots, {"strangers": {"histogram": asdict(found)}})
