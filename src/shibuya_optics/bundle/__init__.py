"""The bundle: the one file that training leaves and answering reads."""

from __future__ import annotations

from shibuya_optics.bundle.archive import SCHEMA_VERSION
from shibuya_optics.bundle.bundle import LEARNED_WEIGHT, Bundle, read_bundle, write_bundle
from shibuya_optics.bundle.card import CardFacts, Measured, model_card
from shibuya_optics.bundle.numbers import Costs, Decision, Fusion
from shibuya_optics.bundle.printed import Line, Lines, Printed
from shibuya_optics.bundle.shipped import SUFFIX, find_bundle, is_shipped, shipped_names

__all__ = [
    "LEARNED_WEIGHT",
    "SCHEMA_VERSION",
    "SUFFIX",
    "Bundle",
    "CardFacts",
    "Costs",
    "Decision",
    "Fusion",
    "Line",
    "Lines",
    "Measured",
    "Printed",
    "find_bundle",
    "is_shipped",
    "model_card",
    "read_bundle",
    "shipped_names",
    "write_bundle",
]
