"""A photo, and its file in any format; every test of this room starts from these."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def photo() -> Pixels:
    """A smooth picture, no two corners alike: uint8 (96, 128, 3)."""
    blobs = np.random.default_rng(7).integers(0, 255, (3, 4, 3), dtype=np.uint8)
    return np.array(Image.fromarray(blobs).resize((128, 96), Image.Resampling.BICUBIC))


@pytest.fixture(scope="session")
def file_of() -> Callable[..., bytes]:
    """The file of a picture, in a format that Pillow names, or HEIC; with further options of its writer."""

    def write(picture: Pixels | Image.Image, format_name: str, **options: Any) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        file = BytesIO()
        if format_name == "HEIC":
            pillow_heif.from_pillow(image).save(file, **options)
        else:
            image.save(file, format_name, **options)
        return file.getvalue()

    return write


@pytest.fixture(scope="session")
def png_of() -> Callable[..., bytes]:
    """A PNG written by hand, since Pillow writes no 16-bit colours: big-endian samples, colour type, further chunks."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def write(samples: NDArray[np.uint16], colour_type: int, **chunks: bytes) -> bytes:
        height, width = samples.shape[:2]
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
        header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
        extra = b"".join(chunk(kind.encode(), content) for kind, content in chunks.items())
        body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + body

    return write
