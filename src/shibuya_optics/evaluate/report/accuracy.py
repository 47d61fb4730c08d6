"""How often it is right: over all, by where the photos come from, by kind and by product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.evaluate.bootstrap import LEVEL, RESAMPLES, bootstrap_interval, group_ids
from shibuya_optics.evaluate.report.judged import Judged
from shibuya_optics.evaluate.report.page import Section, figures, interval, paragraph, table
from shibuya_optics.labels import kind_of

SEED = 0
COLUMNS = ("Photos", "Right", "95 %")


def accuracy_section(judged: Judged) -> Section:
    """Accuracy of products and kinds with bootstrap intervals, own and web photos apart."""
    groups = int(group_ids(judged.groups, len(judged.groups)).max()) + 1
    product, kind = _share(judged.right, judged.groups), _share(judged.judgement.right.kinds, judged.groups)
    apart = {
        origin: _share_of(judged, np.array([each == origin for each in judged.origins]))
        for origin in judged.judgement.by_origin
    }
    body = figures(
        [("Accuracy", f"{product['accuracy']:.3f}", interval(*product["interval95"]))]
        + [("Accuracy of kinds", f"{kind['accuracy']:.3f}", interval(*kind["interval95"]))]
        + [
            (
                f"Accuracy, {origin} photos",
                f"{share['accuracy']:.3f}",
                f"{interval(*share['interval95'])}; {share['photos']:,}",
            )
            for origin, share in apart.items()
        ]
    ) + paragraph(
        "Right is a photo whose best candidate is the true product, claimed or not; of kinds, one whose likeliest kind is "
        f"the true kind. The ranges are 95 % bootstrap intervals: {groups:,} capture groups are drawn anew {RESAMPLES:,} "
        "times, photos of one group together; a photo whose group is not known is one of its own. Where all photos of a row are right, or none is, the range is Wilson's.",
        soft=True,
    )
    settings = {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED, "groups": groups}
    numbers = {"bootstrap": {**settings, "accuracy": product, "accuracy_kind": kind, "by_origin": apart}}
    return Section("Accuracy", body, numbers)


def kinds_section(judged: Judged) -> Section:
    """Accuracy of each true kind, the worst first."""
    rows = _by_name(judged, [kind_of(label) or label for label in judged.truth])
    body = paragraph("Photos of each kind whose best candidate is the true product, the worst kind first.", soft=True)
    return Section("By kind", body + _listed("Kind", rows), {"kinds": rows})


def products_section(judged: Judged) -> Section:
    """Accuracy of each true product, the worst first."""
    rows = _by_name(judged, judged.truth)
    body = paragraph("Photos of each product whose best candidate is that product, the worst product first.", soft=True)
    return Section("By product", body + _listed("Product", rows), {"products": rows})


def _by_name(judged: Judged, names: Sequence[str]) -> list[dict[str, Any]]:
    each = np.array(names)
    rows = [{"label": name, **_share_of(judged, each == name)} for name in sorted(set(names))]
    return sorted(rows, key=lambda row: (row["accuracy"], -row["photos"], row["label"]))


def _share_of(judged: Judged, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    return _share(judged.right[chosen], [judged.groups[i] for i in np.flatnonzero(chosen)])


def _share(right: NDArray[np.bool_], groups: Sequence[str | None]) -> dict[str, Any]:
    bounds = bootstrap_interval(right, groups, seed=SEED)
    return {"photos": len(right), "accuracy": float(right.mean()), "interval95": list(bounds)}


def _listed(heading: str, rows: Sequence[dict[str, Any]]) -> str:
    return table(
        (heading, *COLUMNS),
        [(row["label"], f"{row['photos']:,}", f"{row['accuracy']:.3f}", interval(*row["interval95"])) for row in rows],
    )
