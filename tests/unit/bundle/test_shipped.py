from __future__ import annotations

from pathlib import Path

import pytest
from tiny_bundle import tiny_bundle

from shibuya_optics.bundle import find_bundle, is_shipped, shipped_names, write_bundle
from shibuya_optics.errors import BundleNotFoundError


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bundles"
    folder.mkdir()
    write_bundle(tiny_bundle(), folder / "pantry-mobile.optics")
    monkeypatch.setattr("shibuya_optics.bundle.shipped.SHIPPED_FOLDER", folder)
    return folder


def test_the_shipped_bundle_is_the_default_and_goes_by_name(shipped: Path) -> None:
    expected = shipped / "pantry-mobile.optics"
    assert find_bundle() == find_bundle("pantry-mobile") == expected
    assert shipped_names() == ("pantry-mobile",)


def test_any_other_bundle_goes_by_path(shipped: Path, tmp_path: Path) -> None:
    own = write_bundle(tiny_bundle(), tmp_path / "own.optics")
    assert find_bundle(own) == find_bundle(str(own)) == own


def test_a_wrong_name_is_answered_with_the_nearest(shipped: Path) -> None:
    with pytest.raises(BundleNotFoundError, match="'pantry-mobil': did you mean 'pantry-mobile'"):
        find_bundle("pantry-mobil")


def test_an_installation_without_its_bundle_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shibuya_optics.bundle.shipped.SHIPPED_FOLDER", tmp_path / "none")
    with pytest.raises(BundleNotFoundError, match="install shibuya-optics again"):
        find_bundle()


def test_what_lies_in_the_package_is_shipped(shipped: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.optics"
    link.symlink_to(shipped / "pantry-mobile.optics")
    assert is_shipped(shipped / "pantry-mobile.optics")
    assert is_shipped(shipped / "new.optics")
    assert is_shipped(link)
    assert not is_shipped(tmp_path / "own.optics")
