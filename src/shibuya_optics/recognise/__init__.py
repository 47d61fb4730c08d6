"""From what the senses tell to an answer; and what is known of each product, taught and forgotten."""

from __future__ import annotations

from shibuya_optics.recognise.asking import AUTOMATIC, LOOK_ALONE, Effort
from shibuya_optics.recognise.catalogue import Catalogue, Product
from shibuya_optics.recognise.decide import confidences, decide, probabilities
from shibuya_optics.recognise.lessons import Lesson, Remark
from shibuya_optics.recognise.recogniser import Recogniser, Scores

__all__ = [
    "AUTOMATIC",
    "LOOK_ALONE",
    "Catalogue",
    "Effort",
    "Lesson",
    "Product",
    "Recogniser",
    "Remark",
    "Scores",
    "confidences",
    "decide",
    "probabilities",
]
