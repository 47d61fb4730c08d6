"""How often teaching's remarks are right: photos of other products injected, products taught twice, and neither.

    python research/remarks.py work/pantry.h5 runs/<run of recipes/held-out.toml>/held-out.optics

Of the packaged products of Grocery Store, as the shipped network sees them, which has learned them, and as the bundle given sees
them, which should never have: every product is taught from k photos beside the 30 others, of five photos each. `found`: one
of the k is of another product (which is known), and just that one is remarked; `false_alarms`: all are right, and some photo is
remarked; `same`: half of 2k photos was taught under another name, and that is remarked; `others_called_same`: share of products taught
once that are called nearly the same as another, each of k photos, and the commonest such pairs. Thresholds were chosen on the train
photos; `test` is the result.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shibuya_optics import Recogniser
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.recognise import Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.remarks import Remark, lesson
from shibuya_optics.records import SPLITS

Vectors = NDArray[np.float32]
Shelves = dict[str, Vectors]
BESIDE, NAME = 5, "Taught/Anew"


class Shop:
    """Teaches one product beside others, each time from other photos.

    Args:
        empty: a catalogue without products.
        shelves: photos of each product, unit rows.
        photos: of how many photos a product is taught.
    """

    def __init__(self, empty: Catalogue, shelves: Shelves, photos: int) -> None:
        self._empty, self._shelves, self._photos = empty, shelves, photos
        self._rng = np.random.default_rng(0)

    def drawn(self, product: str, count: int) -> Vectors:
        """Some photos of a product."""
        return self._rng.permutation(self._shelves[product])[:count]

    def taught(self, product: str, photos: Vectors, beside: int, *, also: Vectors | None = None) -> tuple[Remark, ...]:
        """The remarks on a product that is taught anew; `also` are photos of it under another name."""
        before = self._empty
        for other in self._shelves:
            if other != product:
                before = teach(before, other, self.drawn(other, beside))
        if also is not None:
            before = teach(before, product, also)
        known = Likeness(teach(before, NAME, photos), 0.0)
        return lesson(before, known, NAME, photos).remarks

    def turn(self, product: str) -> dict[str, Any]:
        """One of each trial."""
        k = self._photos
        other = self._rng.choice([name for name in self._shelves if name != product])
        photos = self.drawn(product, 2 * k)
        odd = self._rng.permutation(np.concatenate([photos[: k - 1], stranger := self.drawn(other, 1)]))
        place = int(np.flatnonzero((odd == stranger).all(axis=1))[0]) + 1
        with_odd = [remark.photo for remark in self.taught(product, odd, BESIDE) if remark.photo]
        clean = self.taught(product, photos[:k], BESIDE)
        doubled = self.taught(product, photos[:k], k, also=photos[k:])
        alone = self.taught(product, photos[:k], k)
        return {
            "found": with_odd == [place],
            "false_alarms": any(remark.photo for remark in clean),
            "same": any(remark.about == "same" and remark.product == product for remark in doubled),
            "others_called_same": any(remark.about == "same" for remark in alone),
            "pairs": [tuple(sorted((product, remark.product or ""))) for remark in alone if remark.about == "same"],
        }


def told(shop: Shop, products: list[str], turns: int) -> dict[str, Any]:
    """Shares over all products and turns."""
    found = [shop.turn(product) for product in products for _ in range(turns)]
    pairs = Counter(pair for one in found for pair in one.pop("pairs"))
    shares: dict[str, Any] = {name: round(float(np.mean([one[name] for one in found])), 3) for name in found[0]}
    return {"trials": len(found), **shares, "pairs": [[*pair, count] for pair, count in pairs.most_common(8)]}


def measure(dataset: Path, held_out: str, turns: int, kept: dict[str, Path]) -> dict[str, Any]:
    """Of both networks, both splits, five and ten photos."""
    result: dict[str, Any] = {}
    with PantryFile.open(dataset) as file:
        for network, bundle in (("learned", None), ("never_seen", held_out)):
            recogniser = Recogniser.open(bundle, empty=True)
            rows = [row for row, label in enumerate(file.labels) if file.tree.products[label].startswith("Packages/")]
            if network in kept:
                vectors = np.load(kept[network])[rows]
            else:
                vectors = recogniser.vectors(file.jpeg(row) for row in rows)
            labels, split = file.labels[rows], file.split[rows]
            for part in ("train", "test"):
                here = split == SPLITS.index(part)
                shelves = {file.tree.products[i]: vectors[here & (labels == i)] for i in np.unique(labels)}
                for photos in (5, 10):
                    enough = [name for name, own in shelves.items() if len(own) >= 2 * photos]
                    shop = Shop(Catalogue.of(recogniser.bundle), shelves, photos)
                    result[f"{network} {part} {photos}"] = told(shop, enough, turns)
    return result


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("dataset", type=Path)
    options.add_argument("held_out", help="a bundle whose network never saw the packaged products")
    options.add_argument("--turns", type=int, default=4, help="trials of each sort of each product (default: 4)")
    options.add_argument("--learned", type=Path, help="vectors of all photos by the shipped network, .npy")
    options.add_argument("--never-seen", type=Path, help="the same by the other")
    options.add_argument("--out", type=Path, help="also write the JSON to this file")
    given = options.parse_args()
    kept = {name: path for name, path in (("learned", given.learned), ("never_seen", given.never_seen)) if path}
    text = json.dumps(measure(given.dataset, given.held_out, given.turns, kept), indent=2)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
