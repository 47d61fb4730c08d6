"""Random reads of photos: the dataset file beside loose JPEG files, by the same decoder, in one run.

    python benchmarks/load.py --out bench/load.json

1,500 rendered photos are packed into one dataset file and laid down as loose files. Both ways read and decode the same
photos in the same random order, in blocks that take turns, so that a busy machine slows both; the page cache is warm for
both. `memory` writes and opens files of ten thousand up to a million rows of tiny photos, each in a process of its own, and
tells the peak of its memory (Linux only): writing holds a few photos at a time, opening a few dozen bytes a photo.

Expected (2 cores, x86-64): the dataset file at 0.9 or more of the loose files' photos per second.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from reporting import report
from shibuya_optics.dataset.store import PantryFile
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg, read_photo

PHOTOS, BLOCK, SIDE = 1_500, 500, 256
ROWS = (10_000, 100_000, 1_000_000)
LABELS = tuple(f"Pantry/Product {number}" for number in range(50))
IN_A_PROCESS = """
import json, re, sys, time
from pathlib import Path
sys.path[:0] = [{here!r}]
from load import open_rows, write_rows
started = time.perf_counter()
{call}(Path({path!r}), {rows})
seconds = round(time.perf_counter() - started, 2)
# Not getrusage: its peak is never below that of the process that started this one.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print(json.dumps({{"seconds": seconds, "peak_mib": round(peak / 1024)}}))
"""


def rendered(count: int) -> Iterator[bytes]:
    """JPEG files of smooth colour with grain, about as large as photos of that size are."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        blobs = Image.fromarray(rng.integers(0, 255, (12, 12, 3), dtype=np.uint8))
        picture = np.asarray(blobs.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.int16)
        grain = rng.integers(-10, 11, picture.shape, dtype=np.int16)
        yield encode_jpeg(np.clip(picture + grain, 0, 255).astype(np.uint8))


def row_of(jpeg: bytes, number: int, sha256: str) -> Row:
    """A photo as it is stored."""
    return Row(
        jpeg=jpeg,
        label=LABELS[number % len(LABELS)],
        split="train",
        origin="own",
        group=None,
        sha256=sha256,
        width=SIDE,
        height=SIDE,
    )


def write_rows(path: Path, rows: int) -> None:
    """Write a file of so many rows of one tiny photo."""
    jpeg = encode_jpeg(np.zeros((8, 8, 3), np.uint8))
    write_pantry(path, (row_of(jpeg, i, f"{i:064x}") for i in range(rows)), LabelTree.of(LABELS))


def open_rows(path: Path, rows: int) -> None:
    """Open that file and read its last photo."""
    with PantryFile.open(path) as file:
        file.jpeg(rows - 1)


def memory(folder: Path) -> list[dict[str, Any]]:
    """Seconds and peak memory of writing and of opening, by the number of rows."""
    measured: list[dict[str, Any]] = []
    for rows in ROWS:
        path = folder / f"{rows}.h5"
        line: dict[str, Any] = {"rows": rows}
        for call in ("write_rows", "open_rows"):
            code = IN_A_PROCESS.format(here=str(Path(__file__).parent), call=call, path=str(path), rows=rows)
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            line[call] = json.loads(done.stdout)
        measured.append(line)
        path.unlink()
    return measured


def per_second(read: Callable[[int], Any], order: list[int]) -> float:
    """Photos a second of a way of reading, over an order of rows."""
    started = time.perf_counter()
    for row in order:
        read(row)
    return len(order) / (time.perf_counter() - started)


def measure(turns: int) -> dict[str, Any]:
    """Photos a second of both ways, their ratio by turn, and memory by the number of rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loose = []
        rows = []
        for number, jpeg in enumerate(rendered(PHOTOS)):
            sha256 = hashlib.sha256(jpeg).hexdigest()
            loose.append(folder / f"{sha256}.jpg")
            loose[-1].write_bytes(jpeg)
            rows.append(row_of(jpeg, number, sha256))
        write_pantry(folder / "pantry.h5", rows, LabelTree.of(LABELS))
        rng = np.random.default_rng(1)
        taken: list[tuple[float, float]] = []
        with PantryFile.open(folder / "pantry.h5") as file:
            ways = file.photo, lambda row: read_photo(loose[row])
            for turn in range(turns + 1):
                order = rng.permutation(PHOTOS)[:BLOCK].tolist()
                first, second = (ways, ways[::-1])[turn % 2]
                speeds = {way: per_second(way, order) for way in (first, second)}
                if turn:  # the first turn warms up
                    taken.append((speeds[ways[0]], speeds[ways[1]]))
        return {
            "photos": PHOTOS,
            "turns": turns,
            "dataset_file_per_second": round(median(one for one, _ in taken)),
            "loose_files_per_second": round(median(other for _, other in taken)),
            "ratio": round(median(one / other for one, other in taken), 3),
            "memory": memory(folder),
        }


if __name__ == "__main__":
    report(__doc__, 9, measure)
