"""From a 12-megapixel JPEG to its answer, beside the least that any program must do; and the cold start beside its imports.

    python benchmarks/identify.py --out bench/identify.json

Warm: `Recogniser.identify` on the JPEG's bytes, by looking alone, against the floor: one scaled decode by simplejpeg and one bare call of
ONNX Runtime on a ready tensor. Cold: the process `optics identify photo.jpg --senses look` from start to end, against
`python -c "import numpy, onnxruntime"`, both under `-X importtime`. The two of a pair take turns, so that a busy machine
slows both; the median of the turns counts.

Expected (2 cores, x86-64): warm ratio at most 1.25, cold ratio at most 2.5.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import simplejpeg
from PIL import Image

from reporting import report
from shibuya_optics import Recogniser
from shibuya_optics.demo import pantry, render
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.recognise import LOOK_ALONE

WIDTH, HEIGHT = 4000, 3000
IMPORTS_ONLY = ("-c", "import numpy, onnxruntime")


def phone_photo() -> bytes:
    """A 12-megapixel JPEG of a rendered pack, grained as a phone's sensor would."""
    scene = Image.fromarray(render(pantry(1, seed=0)[0], seed=0)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).integers(-6, 7, (HEIGHT, WIDTH, 1), np.int16)
    return encode_jpeg(np.clip(np.asarray(scene) + grain, 0, 255).astype(np.uint8))


def seconds_of(work: Callable[[], object]) -> float:
    """The seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(ours: Callable[[], object], floor: Callable[[], object], turns: int) -> dict[str, float]:
    """Median milliseconds of both, taken in turns after one warm-up, and the median of the turns' ratios."""
    ours()
    floor()
    pairs = [(seconds_of(ours), seconds_of(floor)) for _ in range(turns)]
    return {
        "ours_ms": round(1000 * statistics.median(a for a, _ in pairs), 2),
        "floor_ms": round(1000 * statistics.median(b for _, b in pairs), 2),
        "ratio": round(statistics.median(a / b for a, b in pairs), 3),
    }


def warm(jpeg: bytes, turns: int) -> dict[str, float]:
    """One photo to its answer with everything loaded."""
    recogniser = Recogniser.open()
    contract, embedder = recogniser.bundle.contract, recogniser.bundle.embedder
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(embedder, options, providers=["CPUExecutionProvider"])
    tensor = np.zeros((1, 3, contract.size, contract.size), np.float32)

    def floor() -> None:
        simplejpeg.decode_jpeg(jpeg, "RGB", min_height=contract.resize, min_width=contract.resize)
        session.run(None, {"images": tensor})

    return compare(lambda: recogniser.identify(jpeg, LOOK_ALONE), floor, turns)


def cold(photo: Path, turns: int) -> dict[str, float]:
    """The whole process, against one that only imports what any answer needs."""

    def process(*arguments: str) -> Callable[[], object]:
        command = [sys.executable, "-X", "importtime", *arguments]
        return lambda: subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": ""})

    return compare(
        process("-m", "shibuya_optics", "identify", str(photo), "--senses", "look"), process(*IMPORTS_ONLY), turns
    )


def measure(turns: int) -> dict[str, Any]:
    """Both comparisons."""
    jpeg = phone_photo()
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "phone.jpg")
        photo.write_bytes(jpeg)
        return {
            "photo": {"width": WIDTH, "height": HEIGHT, "bytes": len(jpeg)},
            "turns": turns,
            "warm": warm(jpeg, turns),
            "cold": cold(photo, turns),
        }


if __name__ == "__main__":
    report(__doc__, 15, measure)
