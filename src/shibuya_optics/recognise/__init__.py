"""From what the senses tell to an answer; and what is known of each product, taught and forgotten."""

from __future__ import annotations

from shibuya_optics.recognise.answer.answering import Answering, Scores
from shibuya_optics.recognise.answer.asking import AUTOMATIC, LOOK_ALONE, Effort
from shibuya_optics.recognise.answer.deciding import decide
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, Product
from shibuya_optics.recognise.recogniser import COVERAGE, Recogniser
from shibuya_optics.recognise.remarks import Lesson, Remark
from shibuya_optics.recognise.softmax import confidences, probabilities
from shibuya_optics.recognise.why.nearest_photos import Remembered
from shibuya_optics.recognise.why.reasons import Reasons

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
