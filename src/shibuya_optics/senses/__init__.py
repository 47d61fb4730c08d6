"""What a photo tells: how it looks, what is printed on it, and its barcodes."""

from __future__ import annotations

from shibuya_optics.senses.boxes import prominence
from shibuya_optics.senses.kept import KeptRead
from shibuya_optics.senses.look import Features, Look
from shibuya_optics.senses.read import READ_SIDE, Read
from shibuya_optics.senses.scan import SCAN_SIDE, parse_gtin, scan

__all__ = ["READ_SIDE", "SCAN_SIDE", "Features", "KeptRead", "Look", "Read", "parse_gtin", "prominence", "scan"]
