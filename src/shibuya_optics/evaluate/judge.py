"""The judge: runs a recogniser over photos whose labels are known, or over strangers, and says how it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle
from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.accuracy import accuracy, likeliest_kinds, wilson_interval
from shibuya_optics.evaluate.calibration import expected_calibration_error
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.labels import SEPARATOR, LabelTree, kind_of, roll_up
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import Scores, confidences
from shibuya_optics.records import Answer

BATCH = 64
FAMILIARITY, MAX_SOFTMAX = "familiarity", "max-softmax"


class Scorer(Protocol):
    """What the judge asks of a recogniser; `Recogniser` is one."""

    @property
    def bundle(self) -> Bundle:
        """The bundle, for its decision numbers."""

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
    scores: Scores = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The judgement as a JSON object."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "scores"}


@dataclass(frozen=True)
class UnknownJudgement:
    """How well a recogniser tells strangers from what it knows.

    Attributes:
        photos: how many strangers were judged.
        auroc, fpr95: of the recogniser's own score, the familiarity; see `unknowns`.
        refused: share, 0 to 1, of the strangers that were refused as unknown; higher is better.
        known_refused: share, 0 to 1, of the known photos that were refused; lower is better.
        scores: `auroc` and `fpr95` by score: the familiarity, and the highest softmax probability to compare it with.
    """

    photos: int
    auroc: float
    fpr95: float
    refused: float
    known_refused: float
    scores: Mapping[str, Mapping[str, float]]

    def as_json(self) -> dict[str, Any]:
        """The judgement as a JSON object."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


def judge(recogniser: Scorer, photos: Iterable[PhotoSource], labels: Sequence[str]) -> Judgement:
    """Run a recogniser over photos and compare with their labels, in the same order.

    Raises:
        InputError: there are no photos, not one label a photo, or the recogniser knows no products.
        PhotoError: a photo cannot be read.
    """
    scores = _scores(recogniser, photos)
    if len(scores.answers) != len(labels):
        raise InputError(f"{len(scores.answers)} photos and {len(labels)} labels: give one label a photo.")
    tree, truth = recogniser.tree, [_as_known(label, recogniser.tree) for label in labels]
    best = scores.cosines.argmax(axis=1)
    right = np.array([_is_right(tree.products[i], true) for i, true in zip(best, truth, strict=True)])
    claims = _claims(scores.answers, truth)
    return Judgement(
        photos=len(truth),
        accuracy=float(right.mean()),
        interval95=wilson_interval(int(right.sum()), len(truth)),
        accuracy_kind=_kind_accuracy(recogniser, scores, truth),
        ece=expected_calibration_error(scores.confidences[np.arange(len(best)), best], right),
        answered=float(np.mean(claims["product"])),
        answered_right=float(claims["right"][claims["product"]].mean()) if claims["product"].any() else None,
        claimed_wrong=float(np.mean(claims["any"] & ~claims["right"])),
        known_refused=_refused(scores),
        labels_not_in_bundle=tuple(sorted(set(truth) - {*tree.products, *map(roll_up, tree.products)})),
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
        FAMILIARITY: (known.familiarity, strange.familiarity),
        MAX_SOFTMAX: (_probabilities(recogniser, known).max(axis=1), _probabilities(recogniser, strange).max(axis=1)),
    }
    by_score = {name: {"auroc": auroc(*pair), "fpr95": fpr_at_tpr(*pair)} for name, pair in pairs.items()}
    return UnknownJudgement(
        photos=len(strange.answers),
        auroc=by_score[FAMILIARITY]["auroc"],
        fpr95=by_score[FAMILIARITY]["fpr95"],
        refused=_refused(strange),
        known_refused=_refused(known),
        scores=by_score,
    )


def _scores(recogniser: Scorer, photos: Iterable[PhotoSource]) -> Scores:
    if not len(recogniser.tree):
        raise InputError("the bundle knows no products: teach it some, or give another.")
    parts = [recogniser.scores(batch) for batch in _batches(photos)]
    if not parts:
        raise InputError("no photos to judge by: give at least one.")
    return Scores(
        cosines=np.concatenate([part.cosines for part in parts]),
        familiarity=np.concatenate([part.familiarity for part in parts]),
        confidences=np.concatenate([part.confidences for part in parts]),
        answers=tuple(answer for part in parts for answer in part.answers),
    )


def _batches(photos: Iterable[PhotoSource]) -> Iterator[list[PhotoSource]]:
    waiting = iter(photos)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _probabilities(recogniser: Scorer, scores: Scores) -> NDArray[np.float32]:
    """Probability of each product among the products, `(photos, products)`: the confidence of what is surely known."""
    return confidences(scores.cosines, np.full_like(scores.familiarity, np.inf), recogniser.bundle.decision)


def _kind_accuracy(recogniser: Scorer, scores: Scores, truth: Sequence[str]) -> float:
    tree = recogniser.tree
    positions = {kind: i for i, kind in enumerate(tree.kinds)}
    true_kinds = [positions.get(kind_of(label) or label, -1) for label in truth]
    return accuracy(true_kinds, likeliest_kinds(_probabilities(recogniser, scores), tree.kind_ids))


def _as_known(label: str, tree: LabelTree) -> str:
    """A label as the tree may hold it: a variant that it does not tell apart counts as its product."""
    return label if label in tree else roll_up(label)


def _is_right(said: str, true: str) -> bool:
    """Whether a product is the true one, or a variant of it."""
    return true in {said, roll_up(said)}


def _claims(answers: Sequence[Answer], truth: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Of each photo: whether a product was claimed, whether anything was, and whether the claim is right."""
    right = [
        label is not None and (_is_right(label, true) or true.startswith(label + SEPARATOR))
        for label, true in zip((answer.label for answer in answers), truth, strict=True)
    ]
    return {
        "product": np.array([answer.level == "product" for answer in answers]),
        "any": np.array([answer.label is not None for answer in answers]),
        "right": np.array(right),
    }


def _refused(scores: Scores) -> float:
    return float(np.mean([not answer.known for answer in scores.answers]))
