"""The model card: what a bundle is for, what it comes from, and what was measured, written from facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shibuya_optics.contract import InputContract


@dataclass(frozen=True)
class Measured:
    """One measured number.

    Attributes:
        what: the measure, `accuracy of products`.
        value: as measured; shown as it is, with three decimals.
        on: the photos that it was measured on.
        photos: how many.
        interval95: (low, high) of the 95 % interval; None where none is known.
    """

    what: str
    value: float
    on: str
    photos: int
    interval95: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What a model card says.

    Attributes:
        name, created_at, licence, contract: as in the bundle.
        purpose: what it is for, in a sentence or two.
        products, kinds: how many of each it knows.
        lineage: what it comes from: JSON objects with `name`, and whatever else is known (`origin`, `licence`, ...).
        recipe: the recipe it was trained by, every option written out.
        data: what it was trained and calibrated on, a sentence each.
        results: what was measured.
        limits: what it cannot do, a sentence each.
        rebuild: the commands that make it again.
    """

    name: str
    created_at: str
    licence: str
    contract: InputContract
    purpose: str
    products: int
    kinds: int
    lineage: Sequence[Mapping[str, Any]]
    recipe: str
    data: Sequence[str]
    results: Sequence[Measured]
    limits: Sequence[str]
    rebuild: Sequence[str]


def model_card(facts: CardFacts) -> str:
    """The text of `MODEL_CARD.md`, Markdown.

    What it tells follows Mitchell et al., "Model Cards for Model Reporting", 2019 (arXiv 1810.03993).
    """
    contract = facts.contract
    sections = {
        "What it is for": facts.purpose,
        "What it knows": f"{facts.products} products of {facts.kinds} kinds. More are taught from photos, "
        "without training.",
        "What it sees": f"A photo's short side is resized to {contract.resize} px ({contract.interpolation}), "
        f"and the middle {contract.size} x {contract.size} px are looked at.",
        "Measured": _results(facts.results),
        "Limits": _bullets(facts.limits),
        "Where it comes from": _bullets([_ancestor(ancestor) for ancestor in facts.lineage]),
        "Data": _bullets(facts.data),
        "Recipe": f"```\n{facts.recipe.strip()}\n```",
        "How to rebuild it": "```sh\n" + "\n".join(facts.rebuild) + "\n```",
    }
    head = f"# {facts.name}\n\nMade {facts.created_at}. Licence: {facts.licence}.\n"
    return head + "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items())


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _ancestor(ancestor: Mapping[str, Any]) -> str:
    rest = "; ".join(f"{key}: {value}" for key, value in ancestor.items() if key not in {"name", "ancestors"})
    line = f"**{ancestor.get('name', 'unnamed')}** {rest}".rstrip()
    older = "".join(f"\n- {_ancestor(each)}" for each in ancestor.get("ancestors", ()))
    return line + older.replace("\n", "\n  ")


def _results(results: Sequence[Measured]) -> str:
    rows = ["| measure | value | 95 % interval | photos | on |", "|---|---|---|---|---|"]
    for result in results:
        interval = "{:.3f} to {:.3f}".format(*result.interval95) if result.interval95 else "-"
        rows.append(f"| {result.what} | {result.value:.3f} | {interval} | {result.photos} | {result.on} |")
    return "\n".join(rows)
