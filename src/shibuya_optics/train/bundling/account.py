"""What a run's bundle is worth: measured with the bundle itself, and written into it for people and programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Bundle, CardFacts, Measured, model_card
from shibuya_optics.evaluate.judge import Judgement, judge
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import LOOK_ALONE, Recogniser, Scores
from shibuya_optics.records import Split
from shibuya_optics.train.bundling.made import Made
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.predictions import Predictions

PURPOSE = (
    "Names grocery products in photos taken by hand, and is taught new ones from a handful of photos. "
    "For pantries, small shops and experiments; not for allergy or other safety decisions."
)
LIMITS = (
    "It sees the middle of a photo: hold the product there, and large.",
    "Its numbers are of looking alone, and hold for photos like those it was measured on; measure on your own.",
)
LOOKS_ALONE = "It looks at colour, shape and pattern, and knows no words: brands that look alike are confused."
READS = "It knows the words on the packs of {} products, and reads where looking leaves a doubt; the others it only looks at."
JUDGED: tuple[Split, ...] = ("validation", "test")


def measured(made: Made, material: Material, recipe: Recipe) -> tuple[Bundle, dict[str, Any], Predictions]:
    """The bundle with its results and model card, the metrics by split (shares 0-1), and what it says of each photo.

    Nothing is chosen by these numbers; the decision was fixed on validation photos beforehand.
    """
    bundle = made.bundle
    judge_of = _Judge(Recogniser(bundle), material, made.vectors)
    rows = {split: material.known(material.file.rows(split)) for split in JUDGED}
    judgements = {split: judge_of(rows[split]) for split in JUDGED if len(rows[split])}
    results: dict[str, Any] = {split: judgement.as_json() for split, judgement in judgements.items()}
    card = model_card(_facts(bundle, material, recipe, judgements))
    predictions = Predictions.joined(
        [
            Predictions.of(material, rows[split], bundle.decision.temperature * judgement.scores.logits, split)
            for split, judgement in judgements.items()
        ]
    )
    return replace(bundle, results=results, card=card), results, predictions


class _Judge:
    """Judges rows of a dataset; what the network sees in them is taken from `vectors` where they are known."""

    def __init__(self, recogniser: Recogniser, material: Material, vectors: NDArray[np.float32] | None) -> None:
        self.recogniser, self.file, self.vectors = recogniser, material.file, vectors

    @property
    def tree(self) -> LabelTree:
        return self.recogniser.tree

    def scores(self, photos: Iterable[Any]) -> Scores:
        """As `Recogniser.scores`, of rows, by looking alone."""
        rows = list(photos)
        if self.vectors is None:
            return self.recogniser.scores([self.file.photo(row) for row in rows], LOOK_ALONE)
        return self.recogniser.scores_of(self.vectors[rows])

    def __call__(self, rows: NDArray[np.intp]) -> Judgement:
        labels = [self.file.tree.products[self.file.labels[row]] for row in rows]
        origins = [self.file.origins[row] for row in rows]
        return judge(self, cast("Iterable[PhotoSource]", rows.tolist()), labels, origins)


def _facts(bundle: Bundle, material: Material, recipe: Recipe, judgements: Mapping[Split, Judgement]) -> CardFacts:
    numbers = [
        Measured(what, value, f"{split} split", judgement.photos, interval)
        for split, judgement in judgements.items()
        for what, value, interval in (
            ("accuracy, products", judgement.accuracy, judgement.interval95),
            ("accuracy, kinds", judgement.accuracy_kind, None),
            ("expected calibration error", judgement.ece, None),
            ("refused as unknown", judgement.known_refused, None),
        )
    ]
    used = {split: len(material.known(material.file.rows(split))) for split in ("train", *JUDGED)}
    return CardFacts(
        name=bundle.name,
        created_at=bundle.created_at,
        licence=bundle.licence,
        contract=bundle.contract,
        purpose=PURPOSE,
        products=len(bundle.tree),
        kinds=len(bundle.tree.kinds),
        lineage=bundle.lineage,
        recipe=json.dumps(recipe.as_json(), indent=1),
        data=[f"{photos} {split} photos" for split, photos in used.items()],
        results=numbers,
        limits=(READS.format(len(bundle.printed)) if bundle.printed else LOOKS_ALONE, *LIMITS),
        rebuild=[f"optics train recipes/{recipe.name}.toml"],
    )
