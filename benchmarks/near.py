"""What tells near-duplicates: pairs across an official split beside pairs within it, and photos beside their own copies.

    python benchmarks/near.py work-iconic/pantry.h5 --out bench/near.json

The embedding of a bundle proposes pairs, thumbnails decide (`dataset/near.py`). Where the official split of a dataset keeps
visits apart, as that of Grocery Store does, pairs across it show what is no duplicate; copies made here, smaller, cropped,
turned, darkened, saved again, show what is one. Measure again, and look at `RADIUS` and `LEAST_CORRELATION` again, when the
shipped bundle changes. The numbers in docs/decisions/0004 come from here; it takes some minutes, and needs the real photos,
so that it is not part of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from io import BytesIO
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.bundle import find_bundle, read_bundle
from shibuya_optics.dataset.near import RADIUS, correlation, near_pairs, thumbnail
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.records import SPLITS
from shibuya_optics.senses import Look

COPIED, BATCH = 120, 16
LEVELS = (0.9, 0.8, 0.7)


def saved(image: Image.Image, quality: int = 90) -> NDArray[np.uint8]:
    """The pixels after a JPEG of this quality."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def cut(image: Image.Image, share: float) -> Image.Image:
    """The middle, without a share of each side's length."""
    width, height = (round(side * share / 2) for side in image.size)
    return image.crop((width, height, image.width - width, image.height - height))


COPIES: dict[str, Callable[[Image.Image], NDArray[np.uint8]]] = {
    "saved again at quality 60": lambda image: saved(image, 60),
    "half as large": lambda image: saved(image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)),
    "15 % lighter": lambda image: saved(image.point(lambda level: min(255, round(level * 1.15)))),
    "5 % cropped": lambda image: saved(cut(image, 0.05)),
    "turned by 3 degrees": lambda image: saved(cut(image.rotate(3, Image.Resampling.BICUBIC), 0.08)),
}


def seen(look: Look, photos: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Unit rows of photos."""
    return np.concatenate([look.vectors(photos[start : start + BATCH]) for start in range(0, len(photos), BATCH)])


def across(file: PantryFile, vectors: NDArray[np.float32], thumbnails: NDArray[np.uint8]) -> list[dict[str, Any]]:
    """Of each two splits: the pairs that the embedding proposes, and how many of them fit how well."""
    blocks = list(near_pairs(vectors, RADIUS))
    pairs = np.concatenate(blocks)
    fits = np.concatenate([correlation(thumbnails[block[:, 0]], thumbnails[block[:, 1]]) for block in blocks])
    sides = np.sort(file.split[pairs], axis=1)
    other_product = file.labels[pairs[:, 0]] != file.labels[pairs[:, 1]]
    lines = []
    for one, other in combinations_with_replacement(range(len(SPLITS)), 2):
        of_these = (sides == (one, other)).all(axis=1)
        found = fits[of_these]
        line: dict[str, Any] = {"splits": [SPLITS[one], SPLITS[other]], "proposed": int(of_these.sum())}
        line |= {f"at {level}": int((found >= level).sum()) for level in LEVELS}
        line["of two products at 0.8"] = int((fits[of_these & other_product] >= 0.8).sum())
        line["highest"] = round(float(found.max(initial=-1)), 3)
        lines.append(line)
    return lines


def copies(file: PantryFile, look: Look, side: int) -> list[dict[str, Any]]:
    """Of some photos and each sort of copy: distances and correlations, as quantiles."""
    rows = np.random.default_rng(0).choice(len(file), COPIED, replace=False).tolist()
    photos = [file.photo(row, short_side=side) for row in rows]
    vectors, thumbnails = seen(look, photos), np.stack([thumbnail(photo) for photo in photos])
    lines = []
    for name, way in COPIES.items():
        copied = [way(Image.fromarray(photo)) for photo in photos]
        distances = 1 - (seen(look, copied) * vectors).sum(axis=1)
        fits = correlation(thumbnails, np.stack([thumbnail(photo) for photo in copied]))
        lines.append(
            {
                "copy": name,
                "distance": dict(
                    zip(("median", "99 %"), np.quantile(distances, (0.5, 0.99)).round(3).tolist(), strict=True)
                ),
                "correlation": dict(
                    zip(("1 %", "median"), np.quantile(fits, (0.01, 0.5)).round(3).tolist(), strict=True)
                ),
            }
        )
    return lines


def measure(dataset: Path, bundle_name: str | None) -> dict[str, Any]:
    """Everything of one dataset and one bundle."""
    bundle = read_bundle(find_bundle(bundle_name))
    look, side = Look(bundle.embedder, bundle.contract), bundle.contract.resize
    with PantryFile.open(dataset) as file:
        started = time.perf_counter()
        vectors = np.empty((len(file), look.embedding_size), np.float32)
        thumbnails = []
        for start in range(0, len(file), BATCH):
            photos = [file.photo(row, short_side=side) for row in range(start, min(start + BATCH, len(file)))]
            vectors[start : start + BATCH] = look.vectors(photos)
            thumbnails += [thumbnail(photo) for photo in photos]
        embedded = time.perf_counter()
        pairs = across(file, vectors, np.stack(thumbnails))
        compared = time.perf_counter()
        return {
            "dataset": file.hash,
            "photos": len(file),
            "bundle": bundle.name,
            "embedding_seconds": round(embedded - started, 1),
            "comparing_seconds": round(compared - embedded, 1),
            "pairs": pairs,
            "copies": copies(file, look, side),
        }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("dataset", type=Path)
    options.add_argument("--bundle", help="a shipped bundle's name, or a path")
    options.add_argument("--out", type=Path, help="also write the JSON to this file")
    given = options.parse_args()
    result = json.dumps(measure(given.dataset, given.bundle), indent=2)
    print(result)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(result + "\n", encoding="utf-8")
