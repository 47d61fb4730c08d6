"""What is printed on the packs of the products learned, read in photos trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from shibuya_optics.bundle import Printed
from shibuya_optics.errors import RecipeError
from shibuya_optics.labels import nearest_of
from shibuya_optics.recognise.words import lines_of
from shibuya_optics.senses import READ_SIDE, Read
from shibuya_optics.train.material import Material, is_below
from shibuya_optics.train.recipe import ReadOptions


def read_packs(
    material: Material, options: ReadOptions, seed: int, reader: Read, *, progress: bool = False
) -> dict[str, Printed]:
    """The lines read in some photos of each product, by label; a product in whose photos nothing is read is left out.

    Args:
        material: products, and photos trained on, which alone are read.
        options: of which products, and in how many photos of each.
        seed: of which photos are read, where there are more.
        reader: what reads.
        progress: show a bar on the terminal.

    Raises:
        RecipeError: a label is not among the products.
    """
    rows = {label: _drawn(material, label, options.photos, seed) for label in chosen(material, options)}
    waiting = [(label, row) for label, few in rows.items() for row in few]
    read: dict[str, list[tuple[tuple[str, float], ...]]] = {}
    for label, row in _shown(waiting) if progress else waiting:
        lines = lines_of(reader.words(material.file.photo(row, short_side=READ_SIDE)))
        if lines:
            read.setdefault(label, []).append(lines)
    return {label: Printed(read=tuple(lines)) for label, lines in read.items()}


def chosen(material: Material, options: ReadOptions) -> list[str]:
    """The products whose packs are read.

    Raises:
        RecipeError: a label is not among the products.
    """
    products = material.tree.products
    for node in options.labels:
        if not any(is_below(label, node) for label in products):
            names = {label.rsplit("/", depth)[0] for label in products for depth in range(3)}
            raise RecipeError(f"read.labels: no product {node!r} is learned{nearest_of(node, sorted(names))}")
    if not options.photos:
        return []
    return [label for label in products if not options.labels or any(is_below(label, node) for node in options.labels)]


def _drawn(material: Material, label: str, photos: int, seed: int) -> list[int]:
    product = material.tree.id_of(label)
    rows = material.training[material.classes[material.training] == product]
    drawn: list[int] = np.random.default_rng([seed, product]).permutation(rows)[:photos].tolist()
    return drawn


def _shown(waiting: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    from rich.console import Console
    from rich.progress import track

    yielded: Iterable[tuple[str, int]] = track(waiting, "reading packs", console=Console(stderr=True), transient=True)
    yield from yielded
