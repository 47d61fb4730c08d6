"""What a photo tells."""

from __future__ import annotations

from shibuya_optics.senses.look import Look

__all__ = ["Look"]
