"""`optics compare A B`: is one run better than the other, and by how much; or two evaluation reports side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shibuya_optics.cli.output import emit, examples, json_option, table
from shibuya_optics.errors import MissingExtraError
from shibuya_optics.records import SPLITS, Split

if TYPE_CHECKING:
    from shibuya_optics.evaluate.compare_reports import ComparedReports, ProductDifference
    from shibuya_optics.train.runs.compare import ComparedRuns, Shift


@click.command(
    epilog=examples(
        "optics compare runs/20260102T030405-new-0123abcd runs/20260101T030405-old-89ef4567",
        "optics compare runs/NEW runs/OLD --split validation --json",
        "optics compare reports/new reports/old",
    )
)
@click.argument("run_a", metavar="RUN_A", type=click.Path(path_type=Path))
@click.argument("run_b", metavar="RUN_B", type=click.Path(path_type=Path))
@click.option(
    "--split", type=click.Choice(SPLITS[1:]), default="test", show_default=True, help="For runs of `optics train`."
)
@json_option
def compare(run_a: Path, run_b: Path, split: Split, json_mode: bool) -> None:
    """Compare two finished runs on the photos that both were judged on, and tell whether RUN_A is better.

    Both are of `optics train`, or both of `optics crossval`, on the same dataset. The photos are drawn anew 10,000 times,
    the same for both (a paired bootstrap; photos taken together stay together): that gives the 95 % interval of the
    difference, and how probable it is that RUN_A is better.

    Two folders that `optics evaluate --report` wrote, or their metrics.json, are shown side by side with the differences;
    they must be of one dataset and one split.
    """
    from shibuya_optics.evaluate.compare_reports import compare_reports, is_report

    if is_report(run_a) or is_report(run_b):
        reports = compare_reports(run_a, run_b)
        emit(reports.as_json(), json_mode, _reports_text(reports))
        return
    try:
        from shibuya_optics.train.runs.compare import compare_runs
    except ModuleNotFoundError as error:
        raise MissingExtraError("learn", f"comparing runs (it lacks {error.name})") from error
    compared = compare_runs(run_a, run_b, split)
    emit(compared.as_json(), json_mode, _text(compared))


def _text(compared: ComparedRuns) -> str:
    result = compared.comparison
    low, high = result.interval95
    options = [f"  {name}: {a!r}, {b!r}" for name, (a, b) in compared.options.items()]
    difference = (
        f"A - B = {result.difference:+.3f}, 95 %: {low:+.3f} to {high:+.3f}, on {result.photos:,} photos "
        f"({compared.judged_on})"
    )
    probability = (
        f"A is better with probability {result.probability_better:.3f}; only A right {result.only_a}, only B right "
        f"{result.only_b} (McNemar p {result.mcnemar_p:.3g})"
    )
    return "\n".join(
        [
            f"A  {compared.accuracy_a:.3f}  {compared.run_a}",
            f"B  {compared.accuracy_b:.3f}  {compared.run_b}",
            difference,
            probability,
            *(["options, A's and B's:", *options] if options else ["their recipes are the same"]),
            *_shifts("A does better with:", compared.better),
            *_shifts("B does better with:", compared.worse),
        ]
    )


def _reports_text(compared: ComparedReports) -> str:
    rows = [(each.name, f"{each.a:.4g}", f"{each.b:.4g}", f"{each.difference:+.4g}") for each in compared.measures]
    alone = [(name, names) for name, names in (("A", compared.only_a), ("B", compared.only_b)) if names]
    return "\n".join(
        [
            f"A  {compared.bundle_a}  {compared.report_a}",
            f"B  {compared.bundle_b}  {compared.report_b}",
            f"on the {compared.split} photos of dataset {compared.dataset[:8]}",
            table(("measure", "A", "B", "A - B"), rows),
            *(f"only {name} has: {', '.join(names)}" for name, names in alone),
            *_shifts("A does better with:", compared.better),
            *_shifts("B does better with:", compared.worse),
        ]
    )


def _shifts(heading: str, shifts: Sequence[Shift | ProductDifference]) -> list[str]:
    lines = [f"  {s.label}: {s.accuracy_a:.3f}, {s.accuracy_b:.3f} ({s.photos} photos)" for s in shifts]
    return [heading, *lines] if lines else []
