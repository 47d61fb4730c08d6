"""The few-shot curve of `optics evaluate --few-shot`: its options, its document, its text and its plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from shibuya_optics.cli.output import emit, progress, table, warn
from shibuya_optics.errors import DatasetError, UnknownLabelError
from shibuya_optics.labels import PACKAGES, SEPARATOR, LabelTree, is_below, nearest_of, nodes_of, roll_up
from shibuya_optics.records import Split

if TYPE_CHECKING:
    from shibuya_optics.dataset.store import PantryFile
    from shibuya_optics.evaluate.few_shot import Draws, Point, Seen, Senses
    from shibuya_optics.recognise import Recogniser

ALL, PACKAGED = "all", "packaged"
MOST_NAMED = 3
SUFFIX = ".svg"
_BY = {"look": "by looking alone", "read": "by reading alone", "both": "by looking and reading"}


def read_ks(context: click.Context, option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """The numbers in `1,2,5,10,20`, for click; `Draws` checks their range.

    Raises:
        BadParameter: they are no numbers.
    """
    try:
        return None if text is None else tuple(int(k) for k in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} are no numbers of photos: give them as in 1,2,5,10,20.", context, option
        ) from None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What curve is asked for: k photos a product, of which products, in how many draws, by which senses, and where it is drawn."""

    ks: tuple[int, ...]
    senses: Senses
    products: str
    draws: int
    seed: int
    plot: Path | None

    def __post_init__(self) -> None:
        if self.plot is not None and self.plot.suffix != SUFFIX:
            raise click.UsageError(f"--plot {self.plot}: the plot is an SVG, give a name that ends in {SUFFIX}.")


def show_curve(recogniser: Recogniser, pantry: PantryFile, split: Split, asked: Asked, *, json_mode: bool) -> None:
    """Measure the curve, warn where it says nothing of new products, print it, and draw it where that is asked for."""
    from shibuya_optics.evaluate.few_shot import Draws, few_shot
    from shibuya_optics.evaluate.few_shot_plot import curve_of, draw_curves
    from shibuya_optics.files import write_whole

    start = perf_counter()
    draws = Draws(asked.ks, asked.draws, asked.seed)
    learned, tested, left_out = _seen(recogniser, pantry, split, asked, json_mode=json_mode)
    facts = _facts(recogniser, pantry, learned, draws)
    points = few_shot(learned, tested, draws, recogniser.bundle, asked.senses)
    document: dict[str, Any] = {
        "bundle": recogniser.bundle.name,
        "dataset": pantry.hash,
        "split": split,
        "photos": len(tested.labels),
        "senses": asked.senses,
        "few_shot": {**facts, "not_taught": left_out, "points": [point.as_json() for point in points]},
        "seconds": perf_counter() - start,
    }
    _warn(document["few_shot"], points)
    if asked.plot is not None:
        write_whole(asked.plot, draw_curves([curve_of(document)]).encode())
    emit(document, json_mode, _text(document, points))


def _seen(
    recogniser: Recogniser, pantry: PantryFile, split: Split, asked: Asked, *, json_mode: bool
) -> tuple[Seen, Seen, list[str]]:
    """Photos to draw from, photos to ask for, and the products that are left out because there is none to draw."""
    from shibuya_optics.evaluate.few_shot import Seen
    from shibuya_optics.recognise.catalogue.lexicon import lines_of

    if split == "train":
        raise click.UsageError("--few-shot teaches photos of the train split: ask for others with --split.")
    labels = [roll_up(pantry.tree.products[i]) for i in pantry.labels]
    products = _chosen(sorted(set(labels)), asked.products)
    parts: tuple[Split, Split] = ("train", split)
    rows = {part: [row for row in pantry.rows(part) if labels[row] in products] for part in parts}
    teachable = {labels[row] for row in rows["train"]}
    left_out = sorted({labels[row] for row in rows[split]} - teachable)
    rows[split] = [row for row in rows[split] if labels[row] in teachable]
    if not rows[split]:
        raise DatasetError(
            f"{pantry.path} has no {split} photos of products with train photos: pack some, or give others."
        )

    def shown(part: Split, doing: str) -> Iterator[bytes]:
        return progress((pantry.jpeg(row) for row in rows[part]), f"{doing} {part} photos", len(rows[part]), json_mode)

    def seen(part: Split) -> Seen:
        vectors = recogniser.vectors(shown(part, "look at"))
        lines = () if asked.senses == "look" else tuple(lines_of(recogniser.words(p)) for p in shown(part, "read"))
        return Seen(vectors, tuple(labels[row] for row in rows[part]), lines)

    return seen("train"), seen(split), left_out


def _chosen(products: list[str], wanted: str) -> set[str]:
    """The products that `--products` names."""
    node = PACKAGES if wanted == PACKAGED else wanted.strip(SEPARATOR)
    chosen = {label for label in products if node == ALL or is_below(label, node)}
    if not chosen:
        raise UnknownLabelError(f"the dataset has no products {node!r}{nearest_of(node, nodes_of(products))}")
    return chosen


def _facts(recogniser: Recogniser, pantry: PantryFile, learned: Seen, draws: Draws) -> dict[str, Any]:
    from shibuya_optics.evaluate.lineage import learned_products, may_have_seen

    products = LabelTree.of(learned.labels)
    trained_on = sorted(learned_products(recogniser.bundle) & set(products.products))
    return {
        "products": list(products.products),
        "kinds": len(products.kinds),
        "candidates": len(learned.labels),
        "draws": draws.draws,
        "seed": draws.seed,
        "trained_on": trained_on,
        "may_be_trained_on": bool(trained_on) or may_have_seen(recogniser.bundle, set(pantry.origins)),
    }


def _warn(facts: dict[str, Any], points: list[Point]) -> None:
    trained_on, products = facts["trained_on"], facts["products"]
    if trained_on:
        warn(
            f"this bundle was trained on {len(trained_on)} of these {len(products)} products ({named(trained_on)}): "
            "the curve says nothing about new ones."
        )
    elif facts["may_be_trained_on"]:
        warn(
            "this bundle's network, or the one that it was trained from, learned from photos of this dataset's origin, and "
            "the bundle does not say of which products: the curve may say nothing about new ones."
        )
    if facts["not_taught"]:
        warn(f"{len(facts['not_taught'])} products have no train photos and are left out: {named(facts['not_taught'])}")
    for point in points:
        if point.short:
            warn(f"{point.short} of {len(products)} products have fewer than {point.k} train photos: taught from all.")


def named(labels: Sequence[str]) -> str:
    """The first labels of several, for a warning."""
    return ", ".join(labels[:MOST_NAMED]) + (", ..." if len(labels) > MOST_NAMED else "")


def _text(document: dict[str, Any], points: list[Point]) -> str:
    facts = document["few_shot"]
    rows = [
        (point.k, *(_spread(spread) for spread in (point.accuracy.as_json(), point.accuracy_kind.as_json())))
        for point in points
    ]
    head = (
        f"{document['bundle']}, emptied and taught {len(facts['products'])} products of {facts['kinds']} kinds, "
        f"{_BY[document['senses']]}, on {document['photos']:,} {document['split']} photos; mean and standard deviation of {facts['draws']} draws, "
        f"{document['seconds']:.1f} s"
    )
    return f"{head}\n{table(('photos a product', 'accuracy', 'accuracy_kind'), rows)}"


def _spread(spread: dict[str, Any]) -> str:
    return f"{spread['mean']:.3f}" + ("" if spread["sd"] is None else f" ± {spread['sd']:.3f}")
