"""Teach it your pantry from a handful of photos; it names the product in any new photo, or says it does not know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Barcode",
    "Candidate",
    "Effort",
    "InputContract",
    "OpticsError",
    "Recogniser",
    "Word",
    "__version__",
]

if TYPE_CHECKING:
    from shibuya_optics.contract import InputContract
    from shibuya_optics.errors import OpticsError
    from shibuya_optics.recognise import Effort, Recogniser
    from shibuya_optics.records import Answer, Barcode, Candidate, Word

_HOMES = {
    "Answer": "records",
    "Barcode": "records",
    "Candidate": "records",
    "Effort": "recognise",
    "InputContract": "contract",
    "OpticsError": "errors",
    "Recogniser": "recognise",
    "Word": "records",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that `optics --help` need not wait for ONNX Runtime."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
