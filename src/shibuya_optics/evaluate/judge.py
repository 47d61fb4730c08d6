"""The judge: runs a recogniser over photos whose labels are known, or over strangers, and says how it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.evaluate.confusion import Confusion, confusion_matrix, worst_confusions
from shibuya_optics.evaluate.right import Right, Shares, as_known, right_of
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.evaluate.usefulness import claims_right
from shibuya_optics.labels import LabelTree, roll_up
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import Scores, probabilities
from shibuya_optics.records import Answer

BATCH = 64
MOST_CONFUSIONS = 10
NOT_IN_JSON = {"by_origin", "confusions", "right", "scores"}
KNOWN, MAX_SOFTMAX = "known", "max-softmax"


class Scorer(Protocol):
    """What the judge asks of a recogniser; `Recogniser` is one."""

    @property
    def tree(self) -> LabelTree:
        """The products known; columns of the scores are its class ids."""

    def scores(self, photos: Iterable[PhotoSource]) -> Scores:
        """What the answers to photos rest on, and the answers."""


@dataclass(frozen=True)
class Judgement:
    """How a recogniser did on photos whose labels are known. Shares are of all photos, 0 to 1, if not said otherwise.

    A label that the recogniser does not know counts as wrong throughout; a variant counts as its product.

    Attributes:
        photos: how many were judged.
        accuracy: the best candidate is the true product; whether it was claimed does not matter.
        interval95: the Wilson interval of `accuracy`.
        accuracy_kind: the kind with the largest summed probability is the true kind.
        ece: expected calibration error of the best candidate's confidence; lower is better.
        answered: a product was claimed.
        answered_right: of those, the share where the claim is right (precision); None when none was claimed.
        claimed_wrong: a product or a kind was claimed that is not the true one.
        known_refused: taken for strangers.
        labels_not_in_bundle: labels among the photos that the recogniser does not know, sorted.
        by_origin: the shares of own, web and public photos apart, as `Right.by_origin`; part of the JSON object where
            there are any.
        confusions: the worst, at most ten; not part of the JSON object.
        right: which photos are right, to compare with another's answers; not part of the JSON object.
        scores: of each photo, for further measuring; not part of the JSON object.
    """

    photos: int
    accuracy: float
    interval95: tuple[float, float]
    accuracy_kind: float
    ece: float
    answered: float
    answered_right: float | None
    claimed_wrong: float
    known_refused: float
    labels_not_in_bundle: tuple[str, ...]
    by_origin: Mapping[str, Shares]
    confusions: tuple[Confusion, ...]
    right: Right = field(repr=False, compare=False)
    scores: Scores = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The judgement as a JSON object."""
        document = {part.name: getattr(self, part.name) for part in fields(self) if part.name not in NOT_IN_JSON}
        apart = {origin: shares.as_json() for origin, shares in self.by_origin.items()}
        return {**document, "by_origin": apart} if apart else document


@dataclass(frozen=True)
class UnknownJudgement:
    """How well a recogniser tells strangers from what it knows.

    Attributes:
        photos: how many strangers were judged.
        auroc, fpr95: of the recogniser's own score, how likely it is that a photo shows anything known; see `unknowns`.
        refused: share, 0 to 1, of the strangers that were refused as unknown; higher is better.
        known_refused: share, 0 to 1, of the known photos that were refused; lower is better.
        scores: `auroc` and `fpr95` by score: the recogniser's own, and the highest softmax probability to compare it with.
        judged: the scores of each stranger, for further measuring; not part of the JSON object.
    """

    photos: int
    auroc: float
    fpr95: float
    refused: float
    known_refused: float
    scores: Mapping[str, Mapping[str, float]]
    judged: Scores = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The judgement as a JSON object."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "judged"}


def judge(
    recogniser: Scorer, photos: Iterable[PhotoSource], labels: Sequence[str], origins: Sequence[str] | None = None
) -> Judgement:
    """Run a recogniser over photos and compare with their labels, in the same order.

    Args:
        recogniser: what is judged.
        photos: that it has not learned from.
        labels: of the photos.
        origins: where each photo comes from; left out, the shares are not told apart by origin.

    Raises:
        InputError: there are no photos, not one label and one origin a photo, or the recogniser knows no products.
        PhotoError: a photo cannot be read.
    """
    scores = _scores(recogniser, photos)
    if len(scores.answers) != len(labels):
        raise InputError(f"{len(scores.answers)} photos and {len(labels)} labels: give one label a photo.")
    tree, truth = recogniser.tree, [as_known(label, recogniser.tree) for label in labels]
    best = scores.logits.argmax(axis=1)
    right = right_of(scores.logits, truth, tree)
    shares, claims = right.shares(), _claims(scores.answers, truth)
    return Judgement(
        photos=shares.photos,
        accuracy=shares.accuracy,
        interval95=shares.interval95,
        accuracy_kind=shares.accuracy_kind,
        ece=expected_calibration_error(scores.confidences[np.arange(len(best)), best], right.products),
        answered=float(np.mean(claims["product"])),
        answered_right=float(claims["right"][claims["product"]].mean()) if claims["product"].any() else None,
        claimed_wrong=float(np.mean(claims["any"] & ~claims["right"])),
        known_refused=_refused(scores),
        labels_not_in_bundle=tuple(sorted(set(truth) - {*tree.products, *map(roll_up, tree.products)})),
        by_origin=right.by_origin(origins) if origins is not None else {},
        confusions=_confusions(best, truth, tree),
        right=right,
        scores=scores,
    )


def judge_unknown(recogniser: Scorer, known: Scores, strangers: Iterable[PhotoSource]) -> UnknownJudgement:
    """Run a recogniser over strangers and compare with its scores of known photos, `Judgement.scores`.

    Raises:
        InputError: there are no strangers.
        PhotoError: a photo cannot be read.
    """
    strange = _scores(recogniser, strangers)
    pairs = {
        KNOWN: (known.known, strange.known),
        MAX_SOFTMAX: (_max_softmax(known), _max_softmax(strange)),
    }
    by_score = {name: {"auroc": auroc(*pair), "fpr95": fpr_at_tpr(*pair)} for name, pair in pairs.items()}
    return UnknownJudgement(
        photos=len(strange.answers),
        auroc=by_score[KNOWN]["auroc"],
        fpr95=by_score[KNOWN]["fpr95"],
        refused=_refused(strange),
        known_refused=_refused(known),
        scores=by_score,
        judged=strange,
    )


def _scores(recogniser: Scorer, photos: Iterable[PhotoSource]) -> Scores:
    if not len(recogniser.tree):
        raise InputError("the bundle knows no products: teach it some, or give another.")
    parts = [recogniser.scores(batch) for batch in _batches(photos)]
    if not parts:
        raise InputError("no photos to judge by: give at least one.")
    return Scores(
        logits=np.concatenate([part.logits for part in parts]),
        known=np.concatenate([part.known for part in parts]),
        confidences=np.concatenate([part.confidences for part in parts]),
        answers=tuple(answer for part in parts for answer in part.answers),
    )


def _batches(photos: Iterable[PhotoSource]) -> Iterator[list[PhotoSource]]:
    waiting = iter(photos)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _max_softmax(scores: Scores) -> NDArray[np.float32]:
    highest: NDArray[np.float32] = probabilities(scores.logits).max(axis=1)
    return highest


def _confusions(best: NDArray[np.intp], truth: Sequence[str], tree: LabelTree) -> tuple[Confusion, ...]:
    """The worst, with the labels that the recogniser does not know as further rows."""
    names = list(dict.fromkeys((*tree.products, *truth)))
    ids = {label: i for i, label in enumerate(names)}
    matrix = confusion_matrix([ids[label] for label in truth], best, len(names))
    return tuple(worst_confusions(matrix, names, MOST_CONFUSIONS))


def _claims(answers: Sequence[Answer], truth: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Of each photo: whether a product was claimed, whether anything was, and whether the claim is right."""
    return {
        "product": np.array([answer.level == "product" for answer in answers]),
        "any": np.array([answer.label is not None for answer in answers]),
        "right": claims_right(answers, truth),
    }


def _refused(scores: Scores) -> float:
    return float(np.mean([not answer.known for answer in scores.answers]))
