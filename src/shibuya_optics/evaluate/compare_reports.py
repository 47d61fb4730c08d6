"""Two reports of one dataset side by side: every number that both have, and the products they differ in most."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.report import MADE_BY, METRICS

MOST_PRODUCTS = 5
STRANGERS = "strangers_hash"
NOT_COMPARED = ("seconds", "bootstrap.", "unknown.scores.known.", "risk.sure.threshold", "mistakes.distances.")


@dataclass(frozen=True)
class Measure:
    """A number by its dotted name in `metrics.json`, as A and as B have it; `difference`: A's minus B's."""

    name: str
    a: float
    b: float
    difference: float


@dataclass(frozen=True)
class ProductDifference:
    """A product of whose photos A and B have different shares, 0 to 1, right."""

    label: str
    photos: int
    accuracy_a: float
    accuracy_b: float


@dataclass(frozen=True)
class ComparedReports:
    """Two reports, side by side.

    Attributes:
        report_a, report_b: the files.
        bundle_a, bundle_b: what was measured.
        dataset, split: content hash and split that both were measured on.
        measures: the numbers that both have, in the order of A's.
        only_a, only_b: names of those that just one has.
        better, worse: products that A has right more often than B, and less often; the widest apart first, at most five.
    """

    report_a: str
    report_b: str
    bundle_a: str
    bundle_b: str
    dataset: str
    split: str
    measures: list[Measure]
    only_a: list[str]
    only_b: list[str]
    better: list[ProductDifference]
    worse: list[ProductDifference]

    def as_json(self) -> dict[str, Any]:
        """The comparison as a JSON object."""
        return asdict(self)


def is_report(path: Path) -> bool:
    """Whether a path is of a report: a file, or a folder whose `metrics.json` `optics evaluate --report` wrote."""
    if path.is_file():
        return True
    try:
        document = json.loads((path / METRICS).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, Mapping) and document.get("made_by") == MADE_BY


def compare_reports(path_a: Path, path_b: Path) -> ComparedReports:
    """Compare two reports, each a folder or its `metrics.json`.

    Raises:
        InputError: one is no report, or they are of different datasets, splits or strangers.
    """
    a, b = _read(path_a), _read(path_b)
    for key, what, shown in (("dataset", "datasets", 8), ("split", "splits", None), (STRANGERS, "strangers", 8)):
        if key in a and key in b and a[key] != b[key]:
            raise InputError(
                f"{path_a} and {path_b} are of different {what} ({a[key][:shown]} and {b[key][:shown]}): "
                "evaluate both bundles on the same, and compare those."
            )
    of_a, of_b = dict(_numbers(a)), dict(_numbers(b))
    better, worse = _products(a, b)
    return ComparedReports(
        report_a=str(path_a),
        report_b=str(path_b),
        bundle_a=str(a["bundle"]),
        bundle_b=str(b["bundle"]),
        dataset=a["dataset"],
        split=a["split"],
        measures=[Measure(name, of_a[name], of_b[name], of_a[name] - of_b[name]) for name in of_a if name in of_b],
        only_a=[name for name in of_a if name not in of_b],
        only_b=[name for name in of_b if name not in of_a],
        better=better,
        worse=worse,
    )


def _read(path: Path) -> Mapping[str, Any]:
    file = path / METRICS if path.is_dir() else path
    try:
        document = json.loads(file.read_text("utf-8"))
        made_here = document["made_by"] == MADE_BY
    except (OSError, ValueError, KeyError, TypeError):
        made_here = False
    if not made_here or not all(isinstance(document.get(key), str) for key in ("bundle", "dataset", "split")):
        raise InputError(
            f"{path} is no report: give two folders that `optics evaluate --report FOLDER` wrote, or their {METRICS}."
        )
    found: Mapping[str, Any] = document
    return found


def _numbers(document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """The numbers in a JSON object by their dotted names; those in lists, settings, and what stands twice are left out."""
    for key, value in document.items():
        name = f"{above}{key}"
        if name.startswith(NOT_COMPARED):
            continue
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, value


def _products(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[list[ProductDifference], list[ProductDifference]]:
    others = {row["label"]: row["accuracy"] for row in b.get("products", ())}
    each = [
        ProductDifference(row["label"], row["photos"], row["accuracy"], others[row["label"]])
        for row in a.get("products", ())
        if row["label"] in others
    ]
    in_order = sorted(each, key=lambda product: product.accuracy_b - product.accuracy_a)
    return (
        [product for product in in_order if product.accuracy_a > product.accuracy_b][:MOST_PRODUCTS],
        [product for product in reversed(in_order) if product.accuracy_a < product.accuracy_b][:MOST_PRODUCTS],
    )
