"""Where bundles are found: those that ship inside the package go by name, all others by path."""

from __future__ import annotations

import os
from pathlib import Path

from shibuya_optics.errors import BundleNotFoundError
from shibuya_optics.labels import nearest_of

SHIPPED_FOLDER = Path(__file__).parent.parent / "bundles"
DEFAULT_NAME = "pantry-mobile"
SUFFIX = ".optics"


def shipped_names() -> tuple[str, ...]:
    """The names of the bundles inside the package, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED_FOLDER.glob(f"*{SUFFIX}")))


def is_shipped(path: str | os.PathLike[str]) -> bool:
    """Whether a path lies in the package's own folder of bundles, which nothing but an installation writes."""
    return Path(path).resolve().is_relative_to(SHIPPED_FOLDER.resolve())


def find_bundle(name_or_path: str | os.PathLike[str] | None = None) -> Path:
    """The file of a bundle.

    Args:
        name_or_path: a shipped bundle's name, or a path; None for the bundle that ships as the default.

    Raises:
        BundleNotFoundError: there is none; the message names the shipped bundles.
    """
    wanted = DEFAULT_NAME if name_or_path is None else os.fspath(name_or_path)
    shipped = shipped_names()
    if wanted in shipped:
        return SHIPPED_FOLDER / (wanted + SUFFIX)
    if name_or_path is None:
        raise BundleNotFoundError(
            f"this installation lacks its bundle {DEFAULT_NAME}: install shibuya-optics again, or give a bundle's path."
        )
    if Path(wanted).is_file():
        return Path(wanted)
    near = nearest_of(wanted, shipped)
    listed = f" Shipped by name: {', '.join(shipped)}." if shipped else ""
    raise BundleNotFoundError(f"there is no bundle {wanted!r}{near} Give the path of an {SUFFIX} file.{listed}")
