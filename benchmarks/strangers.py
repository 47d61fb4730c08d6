"""How many strangers are named, and how many taught photos are refused, in pantries taught from a few photos each.

    python benchmarks/strangers.py --out bench/strangers.json

Three sorts of pantries, each with strangers that are near (other products of the same sort) or far (photos of no products):
`rendered`: 8 of the demo's products, strangers 16 others, other seeds than `optics demo` shows by default; `fridge`: four
products of `fridge/` taught, the other four strangers, and all eight with far strangers; `shop`: 20 of the 81 products of
Grocery Store taught from train photos, strangers the other 61, and far ones. These are told by looking alone; `shown_look` and
`shown_read` are what `optics demo` shows, of the same other seeds, without reading and with. The shop's products are known to the network
from training, and so are easier than a stranger's pantry would be. A turn draws other products and photos; shares are
means over the turns. The photos are in the shared data (OPTICS_SHARED, or ../shared).

Expected: near strangers named 0.01 to 0.15, far ones below 0.01, taught photos refused 0.02 to 0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fridge import SHARED, read_crops
from reporting import report
from shibuya_optics import Answer, Recogniser
from shibuya_optics.demo import pantry, render, show
from shibuya_optics.photo import PhotoSource
from shibuya_optics.recognise import COVERAGE, LOOK_ALONE, Answering, Catalogue
from shibuya_optics.recognise.catalogue.teaching import teach

Vectors = NDArray[np.float32]
CROPS, TAKES, LESSONS = 5, 7, 4
SHOP_PRODUCTS = 20


class Pantry(NamedTuple):
    """Vectors to teach from, by product; of unseen photos, by product; and of strangers."""

    lessons: dict[str, Vectors]
    unseen: dict[str, Vectors]
    strangers: Vectors


def outcome(recogniser: Recogniser, pantry: Pantry) -> dict[str, float]:
    """Shares of unseen photos (right, wrong, refused) and of strangers (named, refused)."""
    catalogue = Catalogue.of(recogniser.bundle).emptied()
    for label, vectors in pantry.lessons.items():
        catalogue = teach(catalogue, label, vectors)
    truth = [label for label, vectors in pantry.unseen.items() for _ in vectors]
    seen = np.concatenate([*pantry.unseen.values(), pantry.strangers])
    answers = Answering(catalogue, recogniser.bundle, COVERAGE).by_look(seen).answers
    asked, strange = answers[: len(truth)], answers[len(truth) :]
    return {
        "right": float(np.mean([a.label == true for a, true in zip(asked, truth, strict=True)])),
        "wrong": float(np.mean([a.level == "product" and a.label != t for a, t in zip(asked, truth, strict=True)])),
        "refused": float(np.mean([not a.known for a in asked])),
        "strangers_named": float(np.mean([a.level == "product" for a in strange])),
        "strangers_kind": float(np.mean([a.level == "kind" for a in strange])),
        "strangers_refused": float(np.mean([not a.known for a in strange])),
    }


def rendered(recogniser: Recogniser) -> Iterator[Pantry]:
    """One of the demo's pantries a turn, from seed 1 on."""
    seed = 0
    while seed := seed + 1:
        products = pantry(24, seed)
        takes = [(product, take) for product in products for take in range(TAKES)]
        with ThreadPoolExecutor() as pool:
            photos = list(pool.map(lambda shot: render(*shot), takes))
        vectors = recogniser.vectors(photos).reshape(len(products), TAKES, -1)
        labels = [product.label for product in products[:8]]
        yield Pantry(
            lessons={label: vectors[i, :LESSONS] for i, label in enumerate(labels)},
            unseen={label: vectors[i, LESSONS:] for i, label in enumerate(labels)},
            strangers=vectors[8:].reshape(-1, vectors.shape[2]),
        )


class Looking:
    """A recogniser that is taught and asked without reading."""

    def __init__(self) -> None:
        self.recogniser = Recogniser.open(empty=True)

    def teach(self, label: str, photos: Iterable[PhotoSource]) -> object:
        """Add a product from photos of it."""
        return self.recogniser.teach(label, photos, read=False)

    def identify_many(self, photos: Iterable[PhotoSource]) -> list[Answer]:
        """Say what each photo shows."""
        return self.recogniser.identify_many(photos, LOOK_ALONE)


def shown(learner: show.Learner, seed: int) -> dict[str, float]:
    """What the demo finds of another seed, as `outcome`."""
    found = show.run(learner, seed)
    counts, strangers = found.counts(), len(found.strangers)
    return {
        "right": counts["right"] / found.photos,
        "wrong": counts["wrong"] / found.photos,
        "refused": counts["unknown"] / found.photos,
        "strangers_named": found.named / strangers,
        "strangers_refused": found.refused / strangers,
    }


def fridge(recogniser: Recogniser, far: Vectors | None) -> Iterator[Pantry]:
    """Four products against the other four, or all eight against far strangers."""
    parts = [read_crops(SHARED / "data" / "fridge", part) for part in ("positive", "testImages")]
    lessons, unseen = ({name: recogniser.vectors(crops) for name, crops in part.items()} for part in parts)
    rng = np.random.default_rng(0)
    while True:
        names = rng.permutation(sorted(lessons)).tolist()
        taught = names if far is not None else names[:4]
        yield Pantry(
            lessons={name: rng.permutation(lessons[name])[:CROPS] for name in taught},
            unseen={name: unseen[name] for name in taught},
            strangers=np.concatenate([unseen[name] for name in names[4:]]) if far is None else far,
        )


def shop(shelves: dict[str, tuple[Vectors, Vectors]], far: Vectors | None) -> Iterator[Pantry]:
    """Twenty products taught from train photos, asked for with test photos."""
    rng = np.random.default_rng(0)
    while True:
        names = rng.permutation(sorted(shelves)).tolist()
        taught, others = names[:SHOP_PRODUCTS], names[SHOP_PRODUCTS:]
        yield Pantry(
            lessons={name: rng.permutation(shelves[name][0])[:CROPS] for name in taught},
            unseen={name: shelves[name][1] for name in taught},
            strangers=np.concatenate([shelves[name][1] for name in others]) if far is None else far,
        )


def shop_shelves(recogniser: Recogniser) -> dict[str, tuple[Vectors, Vectors]]:
    """Vectors of train and of test photos of each product; a product's photos are in the folder of its name."""
    root = SHARED / "data" / "grocery-store"
    train, test = (
        {folder.name: sorted(folder.glob("*.jpg")) for folder in (root / part).rglob("*") if folder.is_dir()}
        for part in ("train", "test")
    )
    names = sorted(name for name in test if train.get(name) and test[name])
    return {name: (recogniser.vectors(train[name]), recogniser.vectors(test[name])) for name in names}


def measure(turns: int) -> dict[str, Any]:
    """Means over the turns, by sort of pantry and of strangers."""
    recogniser = Recogniser.open()
    far = recogniser.vectors(sorted((SHARED / "data" / "not-pantry").glob("*.jpg")))
    shelves = shop_shelves(recogniser)
    sorts = {
        "rendered_near": rendered(recogniser),
        "fridge_near": fridge(recogniser, None),
        "fridge_far": fridge(recogniser, far),
        "shop_near": shop(shelves, None),
        "shop_far": shop(shelves, far),
    }
    results: dict[str, Any] = {"turns": turns}
    for name, pantries in sorts.items():
        results[name] = means([outcome(recogniser, pantry) for pantry in islice(pantries, turns)])
    seeds = range(1, turns + 1)
    results["shown_look"] = means([shown(Looking(), seed) for seed in seeds])
    results["shown_read"] = means([shown(Recogniser.open(empty=True), seed) for seed in seeds])
    return results


def means(outcomes: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each share."""
    return {key: round(float(np.mean([one[key] for one in outcomes])), 3) for key in outcomes[0]}


if __name__ == "__main__":
    report(__doc__, 4, measure)
