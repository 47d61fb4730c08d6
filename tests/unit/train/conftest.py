from __future__ import annotations

from pathlib import Path

import pytest
from tiny_training import TINY_BACKBONE, write_tiny_pantry, write_tiny_weights

from shibuya_optics.train.backbones import BACKBONES, WEIGHTS_VARIABLE


@pytest.fixture
def tiny_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The network `tiny` is registered, and its weights are found."""
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    return write_tiny_weights(tmp_path / "weights")


@pytest.fixture
def tiny_pantry(tmp_path: Path) -> Path:
    return write_tiny_pantry(tmp_path / "tiny.h5")
