"""What goes wrong: how far off the mistakes are, and the worst confusions with pictures."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import numpy as np

from shibuya_optics.evaluate.confusion import Confusion
from shibuya_optics.evaluate.hierarchy import MistakeDistances, mistake_distances
from shibuya_optics.evaluate.plots import Axis, Frame, columns, plot
from shibuya_optics.evaluate.report.judged import Judged, Pictures
from shibuya_optics.evaluate.report.page import Section, breakable, figure, paragraph, percent


def mistakes_section(judged: Judged) -> Section:
    """The distance of mistakes in the label tree, and the worst confusions; where nothing is wrong, it says so."""
    wrong = np.flatnonzero(~judged.right)
    found = mistake_distances([judged.said[i] for i in wrong], [judged.truth[i] for i in wrong])
    numbers = {
        "mistakes": {
            "photos": len(wrong),
            "distance_mean": found.mean,
            "distances": {str(distance): count for distance, count in found.counts.items()},
        }
    }
    if found.mean is None:
        return Section("Mistakes", paragraph("There are none: every best candidate is the true product."), numbers)
    body = paragraph(
        f"{len(wrong):,} of {len(judged.truth):,} best candidates are wrong. In the label tree they lie {found.mean:.2f} edges "
        "from the truth on average: 2 is another product of the same kind."
    )
    worst = "".join(
        _confusion(each, judged.pictures.get((each.truth, each.taken_for))) for each in judged.judgement.confusions
    )
    plots = f'<div class="plots">{_distance_plot(found)}</div>'
    return Section(
        "Mistakes", f'{body}{plots}<h3>The worst confusions</h3><div class="mistakes">{worst}</div>', numbers
    )


def _distance_plot(found: MistakeDistances) -> str:
    counts = found.counts
    ticks = tuple(float(distance) for distance in range(max(counts) + 2))
    frame = Frame(Axis("edges between said and true", ticks), Axis.around("mistakes", 0, 1.08 * max(counts.values())))
    told = "Mistakes by distance: " + ", ".join(f"{count} at {distance}" for distance, count in counts.items()) + "."
    drawn = plot(told, frame, columns(frame, list(counts), list(counts.values()), 0.7))
    return figure(
        drawn,
        "The further left, the nearer the mistakes are to the truth: 2 edges are a product of the same kind, the most are "
        "another branch altogether.",
    )


def _confusion(confusion: Confusion, pictures: Pictures | None) -> str:
    counted = f"{confusion.photos} photo{'s' if confusion.photos > 1 else ''} ({percent(confusion.share, 0)})"
    told = f"<p>{counted} of <b>{breakable(confusion.truth)}</b> taken for <b>{breakable(confusion.taken_for)}</b></p>"
    if pictures is None:
        return f'<article class="mistake">{told}</article>'
    pair = _picture(pictures.mistaken, confusion.truth, "mistaken photo") + _picture(
        pictures.taken_for, confusion.taken_for, "train photo"
    )
    return f'<article class="mistake">{told}<div class="pair">{pair}</div></article>'


def _picture(jpeg: bytes | None, label: str, what: str) -> str:
    caption = f"<figcaption>{what} of {breakable(label.rpartition('/')[2])}</figcaption>"
    if jpeg is None:
        return f'<figure><div class="none">no {what}</div>{caption}</figure>'
    data = b64encode(jpeg).decode()
    shown = f'<img alt="{escape(f"{what} of {label}")}" src="data:image/jpeg;base64,{data}">'
    return f"<figure>{shown}{caption}</figure>"
