"""Random reads of photos: the dataset file beside loose JPEG files, by the same decoder, in one run.

    python benchmarks/load.py --out bench/load.json

1,500 rendered photos are packed into one dataset file and laid down as loose files. Both ways read and decode the same
photos in the same random order, in blocks that take turns, so that a busy machine slows both; the page cache is warm for
both. Once in one process, and once with two workers, each of which opens the file for itself. `memory` writes and opens
files of ten thousand up to a million rows of tiny photos, each in a process of its own, and tells the peak of its memory
(Linux only): writing holds a few photos at a time, opening a few dozen bytes a photo.

Expected (2 cores, x86-64): the dataset file at 0.9 or more of the loose files' photos per second, both ways.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
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
WORKERS, PART = 2, 25
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


_shared: dict[str, Any] = {}


def begin(dataset: Path, loose: list[Path]) -> None:
    """What a process, the first one or a worker, reads from."""
    _shared["file"], _shared["loose"] = PantryFile.open(dataset), loose


def from_file(rows: list[int]) -> None:
    """Read and decode photos of the dataset file."""
    for row in rows:
        _shared["file"].photo(row)


def from_loose(rows: list[int]) -> None:
    """Read and decode loose files."""
    for row in rows:
        read_photo(_shared["loose"][row])


Way = Callable[[list[int]], None]
Run = Callable[[Way, list[int]], object]
WAYS: tuple[Way, ...] = (from_file, from_loose)


def per_second(run: Run, turns: int) -> dict[str, float]:
    """Photos a second of both ways, medians of the turns, and the median of their ratio in one turn."""
    rng = np.random.default_rng(1)
    taken: list[dict[Way, float]] = []
    for turn in range(turns + 1):
        order = rng.permutation(PHOTOS)[:BLOCK].tolist()
        speeds: dict[Way, float] = {}
        for way in WAYS[:: 1 if turn % 2 else -1]:
            started = time.perf_counter()
            run(way, order)
            speeds[way] = BLOCK / (time.perf_counter() - started)
        taken.append(speeds)
    counted = taken[1:]  # the first turn warms up
    return {
        "dataset_file_per_second": round(median(turn[from_file] for turn in counted)),
        "loose_files_per_second": round(median(turn[from_loose] for turn in counted)),
        "ratio": round(median(turn[from_file] / turn[from_loose] for turn in counted), 3),
    }


def measure(turns: int) -> dict[str, Any]:
    """Photos a second of both ways, in one process and with workers, and memory by the number of rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loose = []
        rows = []
        for number, jpeg in enumerate(rendered(PHOTOS)):
            sha256 = hashlib.sha256(jpeg).hexdigest()
            loose.append(folder / f"{sha256}.jpg")
            loose[-1].write_bytes(jpeg)
            rows.append(row_of(jpeg, number, sha256))
        dataset = folder / "pantry.h5"
        write_pantry(dataset, rows, LabelTree.of(LABELS))
        begin(dataset, loose)
        alone = per_second(lambda way, order: way(order), turns)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(WORKERS, context, begin, (dataset, loose)) as pool:

            def shared_out(way: Way, order: list[int]) -> object:
                return list(pool.map(way, [order[start : start + PART] for start in range(0, BLOCK, PART)]))

            together = per_second(shared_out, turns)
        return {
            "photos": PHOTOS,
            "turns": turns,
            "one_process": alone,
            f"{WORKERS}_workers": together,
            "memory": memory(folder),
        }


if __name__ == "__main__":
    report(__doc__, 9, measure)
