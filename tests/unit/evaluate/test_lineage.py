from __future__ import annotations

from dataclasses import replace
from typing import Any

from tiny_bundle import PRODUCTS, tiny_bundle

from shibuya_optics.evaluate.lineage import learned_products, may_have_seen

GROCERIES: dict[str, Any] = {"name": "photos", "origin": "public:groceries", "photos": 100}
NETWORK: dict[str, Any] = {"name": "mobilenet", "origin": "ImageNet"}


def test_learned_are_the_products_that_were_not_taught() -> None:
    bundle = replace(tiny_bundle(), taught=frozenset({"Blue", "Dairy/Milk/Green"}))
    assert learned_products(bundle) == {"Dairy/Butter/Red", "Dairy/Butter/Crimson"}


def test_its_own_training_photos_are_accounted_for_by_its_labels() -> None:
    bundle = replace(tiny_bundle(), lineage=(NETWORK, GROCERIES))
    assert not may_have_seen(bundle, {"public:groceries"})


def test_what_its_starting_network_saw_is_not() -> None:
    started = {"name": "older bundle", "ancestors": [NETWORK, {"name": "oldest", "ancestors": [GROCERIES]}]}
    bundle = replace(tiny_bundle(), lineage=(started,))
    assert may_have_seen(bundle, {"public:groceries", "own"})
    assert not may_have_seen(bundle, {"public:others"})


def test_what_it_learned_and_then_forgot_is_not() -> None:
    bundle = replace(tiny_bundle(), lineage=(NETWORK, GROCERIES), taught=frozenset(PRODUCTS))
    assert may_have_seen(bundle, {"public:groceries"})
