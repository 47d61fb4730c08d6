"""`python -m shibuya_optics` is `optics`."""

from __future__ import annotations

import sys

from shibuya_optics.cli.main import start

sys.exit(start())
