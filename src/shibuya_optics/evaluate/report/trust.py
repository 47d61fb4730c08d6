"""What its confidence is worth: error against the share answered, and whether 0.9 means nine in ten."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from shibuya_optics.evaluate.calibration import Bin, reliability
from shibuya_optics.evaluate.plots import SHARES, Axis, Frame, dots, key, line, plot
from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.page import Section, figure, figures, percent
from shibuya_optics.evaluate.risk import SURE, RiskCoverage, risk_coverage, surest

MOST_POINTS = 200


def trust_section(judged: Judged) -> Section:
    """The risk-coverage curve with its area, the reliability plot with the ECE, and the answers of 0.9 and more."""
    curve, bins = risk_coverage(judged.confidence, judged.right), reliability(judged.confidence, judged.right)
    sure = surest(judged.confidence, judged.right)
    said = "there are none" if sure.accuracy is None else f"{sure.right:,} of these {sure.photos:,} are right"
    body = figures(
        [
            ("ECE", f"{judged.judgement.ece:.3f}", "15 equal-mass bins; lower is better"),
            ("AURC", f"{curve.aurc:.4f}", "area under risk-coverage; lower is better"),
            (f"Confidence {SURE} or more", percent(sure.share), "of the photos"),
            ("Right among those", "none" if sure.accuracy is None else percent(sure.accuracy), said),
        ]
    )
    plots = _risk_plot(curve) + _reliability_plot(bins)
    risk = {"aurc": curve.aurc, "sure": {**asdict(sure), "accuracy": sure.accuracy}, "curve": _thinned(curve)}
    numbers = {"risk": risk, "reliability": [asdict(each) for each in bins]}
    return Section("Confidence", f'{body}<div class="plots">{plots}</div>', numbers)


def _risk_plot(curve: RiskCoverage) -> str:
    points = _thinned(curve)
    axes = (
        Axis("photos answered, the surest first", SHARES, percent=True),
        Axis.around("answers that are wrong", 0, max(curve.risk), percent=True),
    )
    frame = Frame(*axes)
    told = f"Risk-coverage curve: {percent(curve.risk[-1])} of the answers are wrong when all photos are answered."
    drawn = plot(told, frame, line(frame, points["coverage"], points["risk"]))
    return figure(
        drawn,
        "Read from right to left: answering only the surest photos leaves this share of the answers wrong; the lower the "
        "curve, the better its confidence sorts.",
    )


def _reliability_plot(bins: tuple[Bin, ...]) -> str:
    frame = Frame(Axis("mean confidence", SHARES, percent=True), Axis("answers that are right", SHARES, percent=True))
    xs, ys = [each.confidence for each in bins], [each.right for each in bins]
    told = "Reliability plot: " + ", ".join(f"{y:.2f} right at {x:.2f}" for x, y in zip(xs, ys, strict=True)) + "."
    drawn = plot(told, frame, line(frame, (0, 1), (0, 1), "third"), line(frame, xs, ys), dots(frame, xs, ys))
    return figure(
        key(("first", "measured"), ("third", "as claimed")) + drawn,
        "Each dot is one fifteenth of the photos: on the dashed line confidence is what comes true, below it the answers "
        "are too sure, above it not sure enough.",
    )


def _thinned(curve: RiskCoverage) -> dict[str, Any]:
    """At most so many points of the curve, its last among them."""
    count = len(curve.coverage)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int)).tolist()
    return {"coverage": [curve.coverage[i] for i in chosen], "risk": [curve.risk[i] for i in chosen]}
