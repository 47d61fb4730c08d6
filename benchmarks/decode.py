"""How long one 12-megapixel JPEG takes to become pixels: `read_photo` beside Pillow and bare simplejpeg, in one run.

    python benchmarks/decode.py --out bench/decode.json

Each way reads the file from disk and gives RGB pixels of at least 256 px on the short side. The ways take turns, so that
a busy machine slows all of them; the median of the turns counts. `read_photo` also checks the limits, looks for damage
and turns the photo upright, which the others do not.

Expected (2 cores, x86-64): `read_photo` within 1.1 of bare simplejpeg, and 3 times as fast as Pillow's full decode.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from reporting import report
from shibuya_optics.photo import read_photo

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT, SHORT_SIDE = 4000, 3000, 256


def render_jpeg() -> bytes:
    """A 12-megapixel JPEG as a phone writes it: smooth parts, edges, grain, quality 92, to be turned by its EXIF."""
    random = np.random.default_rng(0)
    blobs = Image.fromarray(random.integers(0, 255, (75, 100, 3), dtype=np.uint8))
    picture = np.asarray(blobs.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)).astype(np.int16)
    grain = random.integers(-8, 9, picture.shape, dtype=np.int16)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=92, exif=exif)
    return file.getvalue()


def by_read_photo(path: Path) -> Pixels:
    """The way of this package: limits checked, damage refused, upright."""
    return read_photo(path, short_side=SHORT_SIDE)


def by_bare_simplejpeg(path: Path) -> Pixels:
    """The floor: libjpeg-turbo's scaled decode and nothing else."""
    pixels: Pixels = simplejpeg.decode_jpeg(path.read_bytes(), "RGB", min_height=SHORT_SIDE, min_width=SHORT_SIDE)
    return pixels


def by_pillow_draft(path: Path) -> Pixels:
    """Pillow's scaled decode."""
    with Image.open(path) as image:
        image.draft("RGB", (SHORT_SIDE, SHORT_SIDE))
        return np.asarray(image)


def by_pillow_in_full(path: Path) -> Pixels:
    """Pillow without a hint, as most programs call it."""
    with Image.open(path) as image:
        return np.asarray(image)


WAYS: dict[str, Callable[[Path], Pixels]] = {
    "read_photo": by_read_photo,
    "simplejpeg_scaled": by_bare_simplejpeg,
    "pillow_draft": by_pillow_draft,
    "pillow_full": by_pillow_in_full,
}


def seconds_of(way: Callable[[Path], Pixels], path: Path) -> float:
    """The seconds from the file's path to its pixels."""
    started = time.perf_counter()
    way(path)
    return time.perf_counter() - started


def measure(turns: int) -> dict[str, Any]:
    """Milliseconds a photo for each way, and how many times as long each takes as `read_photo`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "phone.jpg")
        path.write_bytes(render_jpeg())
        shapes = {name: way(path).shape for name, way in WAYS.items()}  # also the warm-up
        taken = [{name: seconds_of(way, path) for name, way in WAYS.items()} for _ in range(turns)]
        size = path.stat().st_size
    milliseconds = {name: round(statistics.median(turn[name] for turn in taken) * 1000, 2) for name in WAYS}
    return {
        "photo": {"width": WIDTH, "height": HEIGHT, "bytes": size},
        "short_side": SHORT_SIDE,
        "turns": turns,
        "shapes": shapes,
        "milliseconds": milliseconds,
        "times_as_long_as_read_photo": {
            name: round(statistics.median(turn[name] / turn["read_photo"] for turn in taken), 3) for name in WAYS
        },
    }


if __name__ == "__main__":
    report(__doc__, 9, measure)
