"""The demo: a rendered pantry of invented brands, taught and identified. Its renderer is also the tests' photo source."""

from __future__ import annotations

from shibuya_optics.demo.brands import Palette, Product, pantry
from shibuya_optics.demo.kinds import Kind
from shibuya_optics.demo.scenes import render

__all__ = ["Kind", "Palette", "Product", "pantry", "render"]
