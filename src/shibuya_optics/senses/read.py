"""Reading: the print on a pack, by RapidOCR on ONNX Runtime, whose models are inside its wheel.

Detection takes most of the time, and grows with the pixels it is shown: every photo is brought to about the same number of
them, unless it is tiny. The lines found are cut out of the photo at up to twice that scale, the most prominent first, so
that reading can stop when its time is up with the brand already read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shibuya_optics.contract import Pixels, check_photo
from shibuya_optics.records import Box, Word, printable
from shibuya_optics.senses.boxes import box_of, prominence

if TYPE_CHECKING:
    from rapidocr import RapidOCR

DETECTION_PIXELS = 608 * 608
MOST_ENLARGED = 3.0
"""A small photo is not enlarged more than so many times: it becomes no more legible."""
CLOSER = 2.0
"""Lines are cut out of the photo at most this much larger than detection saw it."""
LEAST_SIDE = 48
"""In a photo with a shorter side, px, no print is legible."""
LEAST_DETECTED = 32
MOST_LINES = 32
AT_ONCE = 6
READ_SIDE = 720
"""A photo whose short side has this many px, or more, is read as well as a larger one."""
LONGEST_TEXT = 200
_UNBOUNDED = 10_000
_SILENT = "critical"
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line that was detected, and its pixels, cut out upright, uint8 `(height, width, 3)` in BGR."""

    box: Box
    pixels: Pixels


class Read:
    """Reads what is printed. The engine is loaded when the first photo is read, and kept.

    Args:
        threads: for one photo; None leaves it to ONNX Runtime, which takes the machine's physical cores.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._lock = Lock()
        self._detection_seconds = math.inf

    def words(self, photo: Pixels, *, until: float = math.inf) -> tuple[Word, ...]:
        """The lines of print in a photo `uint8 (height, width, 3)`, RGB upright; the most prominent first.

        Small photos are enlarged and large ones reduced; below 48 px nothing is read. Lines that stand on their head or run
        up or down are turned.

        Args:
            photo: what is read.
            until: `time.perf_counter()` at which reading stops; what is read by then is given, most prominent first.
                Nothing, where it could not even begin: see `in_time`.

        Raises:
            ContractError: the array is no photo.
        """
        check_photo(photo)
        if min(photo.shape[:2]) < LEAST_SIDE or not self.in_time(until):
            return ()
        with self._lock:
            lines = self._detected(photo)
            step = len(lines) if math.isinf(until) else AT_ONCE
            read: list[Word] = []
            for first in range(0, len(lines), max(step, 1)):
                if perf_counter() > until:
                    break
                read += self._recognised(lines[first : first + step])
        return tuple(word for word in read if word.text)

    def in_time(self, until: float) -> bool:
        """Whether lines can be found by `until`, a `time.perf_counter()`; in a limited time not before `warm_up`."""
        return math.isinf(until) or perf_counter() + self._detection_seconds <= until

    def warm_up(self) -> None:
        """Load the engine, and learn how long a detection takes, so that reading in a limited time can be judged."""
        if math.isinf(self._detection_seconds):
            with self._lock:
                side = round(math.sqrt(DETECTION_PIXELS))
                blank = np.full((side, side, 3), 255, np.uint8)
                self._boxes(blank)
                start = perf_counter()
                self._boxes(blank)
                self._detection_seconds = perf_counter() - start

    def _detected(self, photo: Pixels) -> list[_Line]:
        """Where lines are, and their pixels, the most prominent first."""
        height, width = photo.shape[:2]
        seen = _resized(photo, min(DETECTION_PIXELS, height * width * MOST_ENLARGED**2))
        near = _resized(photo, DETECTION_PIXELS * CLOSER**2) if height * width > DETECTION_PIXELS * CLOSER**2 else photo
        boxes = self._boxes(seen)
        scale = np.array([near.shape[1], near.shape[0]], np.float32)
        crops = self._engine.crop_text_regions(_bgr(near), boxes * scale)
        lines = [_Line(box_of(box), crop) for box, crop in zip(boxes, crops, strict=True) if min(crop.shape[:2]) > 0]
        return sorted(lines, key=_stands_out, reverse=True)[:MOST_LINES]

    def _boxes(self, photo: Pixels) -> NDArray[np.float32]:
        """Corners of the lines, clockwise from the first letter's top, float32 `(n, 4, 2)`, as shares of width and height."""
        from rapidocr.main import RapidOCRError

        try:
            _, found = self._engine.detect_and_crop(_bgr(photo), {})
        except RapidOCRError:  # it raises where there is no print
            return np.empty((0, 4, 2), np.float32)
        size = np.array([photo.shape[1], photo.shape[0]], np.float32)
        return (np.asarray(found.boxes, np.float32).reshape(-1, 4, 2) / size).astype(np.float32)

    def _recognised(self, lines: list[_Line]) -> list[Word]:
        turned, _ = self._engine.cls_and_rotate([line.pixels for line in lines])
        read = self._engine.recognize_txt(turned)
        return [
            Word(printable(text[:LONGEST_TEXT]), float(score), line.box)
            for line, text, score in zip(lines, read.txts or (), read.scores or (), strict=True)
        ]

    @cached_property
    def _engine(self) -> RapidOCR:
        import rapidocr

        models = Path(rapidocr.__file__).parent / "models"
        params: dict[str, Any] = {
            "Global.log_level": _SILENT,
            "Global.use_vertical_padding": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": _UNBOUNDED,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
            # Named, so that nothing is looked for, or fetched, elsewhere.
            **{f"{step}.model_path": str(models / name) for step, name in _MODELS.items()},
        }
        if self._threads is not None:
            params["EngineConfig.onnxruntime.intra_op_num_threads"] = self._threads
        return rapidocr.RapidOCR(params=params)


def _stands_out(line: _Line) -> float:
    height, away = prominence(line.box)
    return height * (1 - away)


def _resized(photo: Pixels, pixels: float) -> Pixels:
    """The photo with about so many pixels, in the same proportions."""
    height, width = photo.shape[:2]
    factor = math.sqrt(pixels / (height * width))
    sides = [max(round(side * factor), LEAST_DETECTED) for side in (width, height)]
    return np.asarray(Image.fromarray(photo).resize(sides, Image.Resampling.BICUBIC))


def _bgr(photo: Pixels) -> Pixels:
    return np.ascontiguousarray(photo[..., ::-1])
