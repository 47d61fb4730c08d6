"""Why an answer is as it is, as far as looking goes: where the network looked, and what it was reminded of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shibuya_optics.contract import InputContract, Pixels
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.recognise.why.heat import Heat, heat
from shibuya_optics.recognise.why.nearest_photos import Remembered, nearest, nearest_other
from shibuya_optics.records import Answer
from shibuya_optics.senses import Look

NO_MAP = "no heat map for this network: its embedding is not the mean of a feature map"
NO_LOOK = "no heat map: it is known by its print alone, not by its look"
NOTHING_KNOWN = "no heat map: no product is known"


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """What looking says for an answer's first candidate: the product claimed, or the best guess where none is.

    Attributes:
        label: of that product; None where no product is known.
        cosine: of the photo to the product's prototype, -1 to 1; 0 without a look.
        heat: float32 `(rows, columns)`, what that cosine loses without each cell of the square seen, 0 or above, as
            `heat.heat` says; None where there is none.
        without_heat: why there is none, for people; empty where there is one.
        nearest: the product's remembered photos most like this one, at most three, the nearest first.
        other: the nearest remembered photo of the strongest other product.
        contract: says what part of a photo is seen.
    """

    label: str | None
    cosine: float
    heat: Heat | None
    without_heat: str
    nearest: tuple[Remembered, ...]
    other: Remembered | None
    contract: InputContract

    def as_json(self) -> dict[str, Any]:
        """The reasons as a JSON object: `nearest` ends with that of the other product, `heat` is rows of numbers or null."""
        remembered = (*self.nearest, *([self.other] if self.other else []))
        return {
            "explained": self.label,
            "cosine": self.cosine,
            "nearest": [one.as_json() for one in remembered],
            "heat": None if self.heat is None else np.round(self.heat.astype(np.float64), 6).tolist(),
        }


def reasons(catalogue: Catalogue, look: Look, photo: Pixels, answer: Answer) -> Reasons:
    """Why an answer has the first candidate that it has.

    Args:
        catalogue: what is known.
        look: what looked.
        photo: uint8 `(height, width, 3)`, RGB upright.
        answer: what was said of it.
    """
    if not answer.candidates:
        return Reasons(None, 0.0, None, NOTHING_KNOWN, (), None, look.contract)
    label, *others = (candidate.label for candidate in answer.candidates)
    product = catalogue.tree.id_of(label)
    prototype = catalogue.prototypes[product]
    (vector,) = look.vectors([photo])
    features = look.features(photo) if catalogue.looks[product] else None
    return Reasons(
        label=label,
        cosine=float(np.vecdot(prototype, vector)),
        heat=None if features is None else heat(features, prototype),
        without_heat="" if features else NO_MAP if catalogue.looks[product] else NO_LOOK,
        nearest=nearest(catalogue, vector, label),
        other=nearest_other(catalogue, vector, label, others),
        contract=look.contract,
    )
