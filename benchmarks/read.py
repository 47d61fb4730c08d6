"""Reading the print in a photo, beside RapidOCR as it comes, on the same photos: seconds a photo, and brands found.

    python benchmarks/read.py --out bench/read.json

Photos of rendered packs, as arrays of three sizes, by one thread and by two. The two ways take turns, so that a busy machine slows
both; the median of the turns counts. `speed` is theirs over ours: above 1, ours is faster. `brands` is the share of the photos in
which the name on the pack was read, within two letters: speed is not to be bought with it.

Also: how long a process's first reading takes, engine included, and what scanning for barcodes takes.

Expected (2 cores, x86-64): speed at least 0.95 at every size.
"""

from __future__ import annotations

import difflib
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rapidocr import RapidOCR

from reporting import report
from shibuya_optics.contract import Pixels
from shibuya_optics.demo import pantry, render
from shibuya_optics.recognise.catalogue.lexicon import normalised
from shibuya_optics.senses import Read, scan

SIZES = {"464x348": (464, 348), "1440x1080": (1440, 1080), "4000x3000": (4000, 3000)}
PHOTOS = 6
ALIKE = 0.75
Way = Callable[[Pixels], list[str]]


def ours(threads: int) -> Way:
    """Our reading, its engine loaded."""
    reader = Read(threads)
    return lambda photo: [word.text for word in reader.words(photo)]


def bare(threads: int) -> Way:
    """RapidOCR with its own options."""
    engine = RapidOCR(params={"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": threads})
    return lambda photo: list(getattr(engine(np.ascontiguousarray(photo[..., ::-1])), "txts", None) or ())


def names_brand(texts: Sequence[str], brand: str) -> bool:
    """Whether a word that was read is the brand, or nearly."""
    words = [word for text in texts for word in normalised(text)]
    return any(difflib.SequenceMatcher(None, word, brand.lower()).ratio() >= ALIKE for word in words)


def measure(turns: int) -> dict[str, Any]:
    """Both ways at each size and number of threads."""
    products = pantry(PHOTOS, seed=1)
    brands = [product.label.rpartition("/")[2] for product in products]
    photos = {
        name: [render(product, seed, size) for seed, product in enumerate(products)] for name, size in SIZES.items()
    }
    start = time.perf_counter()
    Read(1).words(photos["464x348"][0])
    first = time.perf_counter() - start
    result: dict[str, Any] = {"photos": PHOTOS, "turns": turns, "first_reading_seconds": first}
    for threads in (1, 2):
        ways = {"ours": ours(threads), "bare": bare(threads)}
        for name, several in photos.items():
            result[f"{name}, {threads} thread{'s' * (threads > 1)}"] = _compared(ways, several, brands, turns)
    result["scan_seconds"] = {
        name: statistics.median(_seconds(lambda photo: list(map(str, scan(photo))), several) for _ in range(turns))
        for name, several in photos.items()
    }
    return result


def _compared(
    ways: dict[str, Way], photos: Sequence[Pixels], brands: Sequence[str], turns: int
) -> dict[str, dict[str, float] | float]:
    found = {
        way: sum(names_brand(read(photo), brand) for photo, brand in zip(photos, brands, strict=True)) / len(photos)
        for way, read in ways.items()
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(turns):
        for way, read in ways.items():
            times[way].append(_seconds(read, photos))
    seconds = {way: statistics.median(several) for way, several in times.items()}
    return {"seconds": seconds, "brands": found, "speed": seconds["bare"] / seconds["ours"]}


def _seconds(read: Way, photos: Sequence[Pixels]) -> float:
    """Seconds a photo."""
    start = time.perf_counter()
    for photo in photos:
        read(photo)
    return (time.perf_counter() - start) / len(photos)


if __name__ == "__main__":
    report(__doc__, 3, measure)
