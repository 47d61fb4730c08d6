from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_bundle import tiny_bundle

from shibuya_optics.bundle import Bundle, read_bundle, write_bundle
from shibuya_optics.errors import DamagedBundleError


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tiny_bundle(), tmp_path_factory.mktemp("bundle") / "tiny.optics")


@given(data=st.data())
def test_a_changed_byte_is_either_found_or_changes_nothing(written: Path, data: st.DataObject) -> None:
    """Bytes of the zip's own headers, such as its dates, say nothing of the bundle; all others are under a hash."""
    content = bytearray(written.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = written.with_name("changed.optics")
    changed.write_bytes(content)
    try:
        read = read_bundle(changed)
    except DamagedBundleError:
        return
    expected = tiny_bundle()
    for field in fields(Bundle):
        np.testing.assert_equal(getattr(read, field.name), getattr(expected, field.name))
