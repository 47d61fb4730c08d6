"""Which products are left out of training to be near strangers: drawn by a seed, so that everyone leaves out the same."""

from __future__ import annotations

import numpy as np

from shibuya_optics.errors import InputError
from shibuya_optics.labels import PACKAGES, LabelTree, is_below

DRAWS = 5
ONE_IN = 5


def near_strangers(tree: LabelTree, draw: int, seed: int = 0) -> tuple[str, ...]:
    """A fifth of the products, spread over kinds: no two of one kind while there are others, in the order of the tree.

    Half of them, rounded up, are from below `Packages/`, where the tree has such products: what differs in print is the
    harder half to look at, and must not be left to chance. Of 81 products 16 are drawn, of 25 five.

    Args:
        tree: all products.
        draw: which draw, from 0; each has a generator of its own, `default_rng([seed, draw])`.
        seed: of the protocol, 0 or more.

    Raises:
        InputError: there are fewer than ten products, so that strangers or what is known would be one product alone; or
            draw or seed is below 0.
    """
    count = len(tree) // ONE_IN
    if count < 2 or draw < 0 or seed < 0:
        raise InputError(
            f"strangers of {len(tree)} products, draw {draw}, seed {seed}: give ten products or more, 0 or more for the "
            "others."
        )
    order = np.random.default_rng([seed, draw]).permutation(len(tree)).tolist()
    by_turn = _one_of_each_kind_first(tree, order)
    packaged = [product for product in by_turn if is_below(tree.products[product], PACKAGES)]
    others = [product for product in by_turn if not is_below(tree.products[product], PACKAGES)]
    half = min(len(packaged), max((count + 1) // 2, count - len(others)))
    drawn = packaged[:half] + others[: count - half]
    return tuple(tree.products[product] for product in sorted(drawn))


def _one_of_each_kind_first(tree: LabelTree, order: list[int]) -> list[int]:
    """Products in turns: the first of each kind, then the second of each, as they stand in the order."""
    met: dict[int, int] = {}
    turns = []
    for product in order:
        kind = tree.kind_ids[product]
        turns.append(met.get(kind, 0))
        met[kind] = turns[-1] + 1
    return [product for _, product in sorted(zip(turns, order, strict=True), key=lambda pair: pair[0])]
