"""From what the senses tell to an answer; and what is known of each product, taught and forgotten."""

from __future__ import annotations

from shibuya_optics.recognise.answering import Answering, Scores
from shibuya_optics.recognise.asking import AUTOMATIC, LOOK_ALONE, Effort
from shibuya_optics.recognise.catalogue import Catalogue, Product
from shibuya_optics.recognise.decide import confidences, decide, probabilities
from shibuya_optics.recognise.lessons import Lesson, Remark
from shibuya_optics.recognise.nearest import Remembered
from shibuya_optics.recognise.reasons import Reasons
from shibuya_optics.recognise.recogniser import COVERAGE, Recogniser

__all__ = [
    "AUTOMATIC",
    "COVERAGE",
    "LOOK_ALONE",
    "Answering",
    "Catalogue",
    "Effort",
    "Lesson",
    "Product",
    "Reasons",
    "Recogniser",
    "Remark",
    "Remembered",
    "Scores",
    "confidences",
    "decide",
    "probabilities",
]
