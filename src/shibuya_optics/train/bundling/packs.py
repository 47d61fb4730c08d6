"""What is printed on the packs of the products learned, read in photos trained on."""

from __future__ import annotations

import numpy as np

from shibuya_optics.bundle import Lines, Printed
from shibuya_optics.errors import RecipeError
from shibuya_optics.labels import is_below, nearest_of, nodes_of
from shibuya_optics.recognise.catalogue.lexicon import lines_of
from shibuya_optics.senses import READ_SIDE, Read
from shibuya_optics.train.data.material import Material
from shibuya_optics.train.data.progress_bar import with_bar
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
    read: dict[str, list[Lines]] = {}
    for label, row in with_bar(waiting, "reading packs") if progress else waiting:
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
            raise RecipeError(f"read.labels: no product {node!r} is learned{nearest_of(node, nodes_of(products))}")
    if not options.photos:
        return []
    return [label for label in products if not options.labels or any(is_below(label, node) for node in options.labels)]


def _drawn(material: Material, label: str, photos: int, seed: int) -> list[int]:
    product = material.tree.id_of(label)
    rows = material.training[material.classes[material.training] == product]
    drawn: list[int] = np.random.default_rng([seed, product]).permutation(rows)[:photos].tolist()
    return drawn
