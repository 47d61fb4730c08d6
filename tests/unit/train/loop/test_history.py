from __future__ import annotations

from pathlib import Path

import pytest

from shibuya_optics.train.loop.history import History

pytestmark = pytest.mark.train


def test_history_survives_in_the_checkpoint(tmp_path: Path) -> None:
    first, second = History(tmp_path / "a.csv"), History(tmp_path / "b.csv")
    first.lines.append({"epoch": 1})
    second.load_state_dict(first.state_dict())
    assert second.lines == [{"epoch": 1}]
