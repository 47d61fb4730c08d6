"""How a bundle does on products that were left out of its training: as strangers, and taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.evaluate.coverage import COVERAGES, set_coverage
from shibuya_optics.evaluate.few_shot import Seen
from shibuya_optics.evaluate.right import right_of
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.evaluate.usefulness import usefulness
from shibuya_optics.recognise import Answering, Catalogue, Scores
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.scores import SCORES, Impression, known_score

TAUGHT, PHOTOS, TIMES = 5, 5, 10
Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Photos as a bundle's network sees them.

    Attributes:
        known: that nothing was learned from, of products that it learned.
        near: likewise, of products that were left out.
        far: unit rows `(n, d)` of photos of no product; may be empty.
        lessons: photos of the products that were left out, to teach from.
    """

    known: Seen
    near: Seen
    far: Vectors
    lessons: Seen


def judge_left_out(bundle: Bundle, photos: LeftOut, seed: tuple[int, ...]) -> dict[str, Any]:
    """The numbers of one draw, by looking alone, as a JSON object.

    `near` and `far` hold AUROC and FPR at 95 % TPR of each score of being known; `usefulness` is over known photos and all strangers;
    `taught` teaches five of the strangers (all, where there are fewer) from five lessons each, ten times, and gives means.

    Args:
        bundle: trained without the strangers.
        photos: to judge by.
        seed: of what is taught.
    """
    catalogue = Catalogue.of(bundle)
    answering = Answering(catalogue, bundle, COVERAGES[0])
    known, near, far = (answering.by_look(rows) for rows in (photos.known.vectors, photos.near.vectors, photos.far))
    truth = np.array([bundle.tree.id_of(label) for label in photos.known.labels])
    best = known.logits.argmax(axis=1)
    confidence = known.confidences[np.arange(len(best)), best]
    labels: list[str | None] = [*photos.known.labels, *photos.near.labels, *([None] * len(photos.far))]
    document: dict[str, Any] = {
        "photos": {"known": len(truth), "near": len(photos.near.labels), "far": len(photos.far)},
        "accuracy": _accuracy(known, photos.known, catalogue),
        "ece": expected_calibration_error(confidence, best == truth),
        "refused": {
            "known": _refused(known),
            "near": _refused(near),
            "far": _refused(far) if len(photos.far) else None,
        },
        "usefulness": usefulness([*known.answers, *near.answers, *far.answers], labels).as_json(),
        "answer_sets": [
            set_coverage(answering.calibration, known.logits, truth, asked).as_json() for asked in COVERAGES
        ],
    }
    sides = {"known": photos.known.vectors, "near": photos.near.vectors, "far": photos.far}
    impressions = {
        name: Impression(catalogue, bundle.decision, rows, bundle.differences)
        for name, rows in sides.items()
        if len(rows)
    }
    for side in ("near", "far"):
        if side in impressions:
            document[side] = {name: _told_apart(name, impressions["known"], impressions[side]) for name in SCORES}
    taught = [_taught(bundle, photos, (*seed, time)) for time in range(TIMES)]
    before = {"accuracy_old_before": document["accuracy"], "wrong_names_old_before": _wrong_names(known, photos.known)}
    return document | {"taught": {"times": TIMES, **before, **means(taught)}}


def means(draws: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean over draws of every number, in a tree of the same shape; numbers that a draw lacks are left aside."""
    merged: dict[str, Any] = {}
    for name in draws[0]:
        values = [draw[name] for draw in draws if draw.get(name) is not None]
        if values and isinstance(values[0], Mapping):
            merged[name] = means(values)
        elif values and isinstance(values[0], list) and isinstance(values[0][0], Mapping):
            merged[name] = [means(parts) for parts in zip(*values, strict=True)]
        elif values and isinstance(values[0], (int, float)):
            merged[name] = mean(values)
    return merged


def _told_apart(name: str, known: Impression, strangers: Impression) -> dict[str, float]:
    pair = known_score(name, known), known_score(name, strangers)
    return {"auroc": auroc(*pair), "fpr95": fpr_at_tpr(*pair)}


def _refused(scores: Scores) -> float:
    return float(np.mean([not answer.known for answer in scores.answers]))


def _taught(bundle: Bundle, photos: LeftOut, seed: tuple[int, ...]) -> dict[str, float]:
    """How five of the strangers do once they are taught, and the products known before with them."""
    rng = np.random.default_rng(seed)
    owners = np.array(photos.lessons.labels)
    there = sorted(set(photos.lessons.labels))
    drawn = sorted(rng.choice(there, min(TAUGHT, len(there)), replace=False).tolist())
    catalogue = Catalogue.of(bundle)
    for label in drawn:
        rows = rng.permutation(np.flatnonzero(owners == label))[:PHOTOS]
        catalogue = teach(catalogue, label, photos.lessons.vectors[rows])
    answering = Answering(catalogue, bundle, COVERAGES[0])
    rows = np.flatnonzero(np.isin(photos.near.labels, drawn))
    asked = Seen(photos.near.vectors[rows], tuple(photos.near.labels[row] for row in rows))
    new, old = answering.by_look(asked.vectors), answering.by_look(photos.known.vectors)
    return {
        "products": len(drawn),
        "photos_each": PHOTOS,
        "accuracy": _accuracy(new, asked, catalogue),
        "wrong_names": _wrong_names(new, asked),
        "refused": _refused(new),
        "accuracy_old_after": _accuracy(old, photos.known, catalogue),
        "wrong_names_old_after": _wrong_names(old, photos.known),
        "refused_old_after": _refused(old),
    }


def _accuracy(scores: Scores, photos: Seen, catalogue: Catalogue) -> float:
    return float(right_of(scores.logits, photos.labels, catalogue.tree).products.mean())


def _wrong_names(scores: Scores, photos: Seen) -> float:
    return usefulness(scores.answers, photos.labels).wrong_names
