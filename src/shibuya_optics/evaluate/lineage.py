"""What a bundle's network was trained on, as far as the bundle says: a curve over those products shows nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shibuya_optics.bundle import Bundle
from shibuya_optics.labels import roll_up


def learned_products(bundle: Bundle) -> frozenset[str]:
    """The products that training gave, rolled up; those taught from photos later are not among them."""
    return frozenset(roll_up(label) for label in bundle.tree.products if label not in bundle.taught)


def may_have_seen(bundle: Bundle, origins: Iterable[str]) -> bool:
    """Whether the network may have been trained on products of these origins that the bundle does not list as learned.

    It may, where the network that training started from was itself trained on photos of one of the origins, and where
    what training gave was forgotten.
    """
    own = _photo_origins(bundle.lineage)
    older = {origin for part in bundle.lineage for origin in _photo_origins(_ancestors(part))}
    return bool(set(origins) & (older if learned_products(bundle) else older | own))


def _ancestors(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for ancestor in part.get("ancestors", ()):
        yield ancestor
        yield from _ancestors(ancestor)


def _photo_origins(parts: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(part.get("origin")) for part in parts if "photos" in part}
