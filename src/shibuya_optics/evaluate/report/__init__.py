"""The evaluation report: one page that stands alone, and its numbers. A section is one function of what was judged."""

from __future__ import annotations

from shibuya_optics.evaluate.report.judged import Judged, Pictures
from shibuya_optics.evaluate.report.write import MADE_BY, METRICS, PAGE, check_folder, metrics, report, write_report

__all__ = [
    "MADE_BY",
    "METRICS",
    "PAGE",
    "Judged",
    "Pictures",
    "check_folder",
    "metrics",
    "report",
    "write_report",
]
