from __future__ import annotations

from dataclasses import fields, replace

from tiny_bundle import CONTRACT

from shibuya_optics.bundle import CardFacts, Measured, model_card

FACTS = CardFacts(
    name="tiny",
    created_at="2025-01-01T00:00:00+00:00",
    licence="Apache-2.0",
    contract=CONTRACT,
    purpose="It tells colours apart.",
    products=4,
    kinds=3,
    lineage=({"name": "Colour network", "origin": "a test", "licence": "MIT"},),
    recipe='name = "tiny"\n',
    data=("Photos of one colour.",),
    results=(
        Measured("accuracy of products", 0.84567, "test split", 2485, (0.8309, 0.8594)),
        Measured("AUROC of strangers", 0.999, "not-pantry", 300),
    ),
    limits=("It cannot read.",),
    rebuild=("optics train recipes/tiny.toml",),
)


def test_a_card_tells_every_fact() -> None:
    card = model_card(FACTS)
    told = {"name", "created_at", "licence", "purpose", "recipe"}
    assert all(str(getattr(FACTS, name)).strip() in card for name in told)
    assert all(line in card for line in (*FACTS.data, *FACTS.limits, *FACTS.rebuild))
    assert "4 products of 3 kinds" in card
    assert "resized to 32 px (bilinear), and the middle 32 x 32 px" in card
    assert "- **Colour network** origin: a test; licence: MIT" in card
    # A fact added to the record, and not to the card, would go unnoticed.
    assert len(fields(CardFacts)) == 13


def test_a_card_gives_results_with_their_intervals() -> None:
    card = model_card(FACTS)
    assert "| accuracy of products | 0.846 | 0.831 to 0.859 | 2485 | test split |" in card
    assert "| AUROC of strangers | 0.999 | - | 300 | not-pantry |" in card


def test_a_card_sets_ancestors_below_what_comes_from_them() -> None:
    oldest = {"name": "photos", "licence": "MIT"}
    bundle = {"name": "shipped", "ancestors": [{"name": "network", "ancestors": [oldest]}, {"name": "more"}]}
    card = model_card(replace(FACTS, lineage=(bundle,)))
    assert "\n- **shipped**\n  - **network**\n    - **photos** licence: MIT\n  - **more**\n" in card
