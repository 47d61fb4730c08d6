"""Records of photos that no test needs to see."""

from __future__ import annotations

from typing import Any

from shibuya_optics.records import Photo


def photo(number: int, **more: Any) -> Photo:
    """A record; every number is another photo, and `more` sets its fields."""
    facts = {"label": "Salt", "origin": "own", "width": 1, "height": 1, "collected_at": "2026-01-01T00:00:00+00:00"}
    return Photo(**{"sha256": f"{number:064x}", **facts, **more})
