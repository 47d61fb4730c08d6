"""What worse photos cost."""

from __future__ import annotations

from dataclasses import asdict

from shibuya_optics.evaluate.plots import SHARES, Axis, lying_bars
from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.page import Section, figure, table


def robustness_section(judged: Judged) -> Section | None:
    """Accuracy on degraded photos and the drop from plain; nothing where that was not asked for."""
    rows = judged.robustness
    if not rows:
        return None
    plain = rows[0].accuracy + rows[0].drop / 100
    bars = [("plain", plain, f"{plain:.3f}"), *((each.name, each.accuracy, f"{each.accuracy:.3f}") for each in rows)]
    told = "Accuracy on degraded photos: " + ", ".join(f"{name} {written}" for name, _, written in bars) + "."
    drawn = lying_bars(told, Axis("accuracy, looking alone", SHARES), bars)
    caption = "The shorter a bar than the first, the more that degradation of the same photos costs."
    listed = table(
        ("Degradation", "Accuracy", "Drop, points"),
        [(f"{each.name}: {each.strength}", f"{each.accuracy:.3f}", f"{each.drop:+.1f}") for each in rows],
    )
    by_name = {each.name: {key: value for key, value in asdict(each).items() if key != "name"} for each in rows}
    numbers = {"robustness": {"plain": {"accuracy": plain}, **by_name}}
    return Section("Robustness", f'<div class="plots">{figure(drawn, caption)}</div>{listed}', numbers)
