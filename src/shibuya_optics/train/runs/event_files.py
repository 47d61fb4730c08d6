"""TensorBoard's event files, written and read here: of their format, numbers by name and step are all that is needed.

A file is a row of records: length (uint64), its checksum, the data, its checksum; all little-endian. The data is a protocol
buffer `Event`: wall_time (1), step (2), file_version (3), summary (5); a summary has values (1) with tag (1) and
simple_value (2). Sources: tensorflow/core/util/event.proto, summary.proto, and lib/io/record_writer.cc; the checksum is CRC-32C
(RFC 3720, B.4), masked. TensorFlow's writers bring TensorFlow or PyTorch, and hand events to a thread, from which a kill
would take those of an epoch whose checkpoint is there.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import time
from typing import Any

_HEADER, _CHECKSUM = 12, 4
_VARINT, _BYTES8, _LENGTH, _BYTES4 = 0, 1, 2, 5
_POLYNOMIAL = 0x82F63B78


class EventFiles:
    """Writes to a folder, a new file each time; what earlier files tell of a number is not told again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._told = last_steps(folder)
        number = len(list(folder.glob("events.*")))
        self._file = (folder / f"events.out.tfevents.{int(time())}.{number}").open("xb")
        self._write(struct.pack("<Bd", _key(1, _BYTES8), time()) + _text(3, "brain.Event:2"))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write what was not told yet, and have it on disk."""
        fresh = {name: value for name, value in values.items() if step > self._told.get(name, -1)}
        if fresh:
            self._write(event(time(), step, fresh))
            self._told.update(dict.fromkeys(fresh, step))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._file.write(record(data))
        self._file.flush()
        os.fsync(self._file.fileno())


def event(wall_time: float, step: int, values: Mapping[str, float]) -> bytes:
    """An `Event` with numbers by name; wall_time in seconds since 1970."""
    summary = b"".join(
        _bytes(1, _text(1, name) + struct.pack("<Bf", _key(2, _BYTES4), value)) for name, value in values.items()
    )
    stepped = _key(2, _VARINT).to_bytes() + _varint(step) if step else b""
    return struct.pack("<Bd", _key(1, _BYTES8), wall_time) + stepped + _bytes(5, summary)


def record(data: bytes) -> bytes:
    """A record of a file."""
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def last_steps(folder: Path) -> dict[str, int]:
    """The last step that the event files of a folder tell of each number; a file that breaks off is read so far."""
    last: dict[str, int] = {}
    for path in sorted(folder.glob("events.*")):
        for step, name, _ in scalars_in(path.read_bytes()):
            last[name] = max(last.get(name, -1), step)
    return last


def scalars_in(data: bytes) -> Iterator[tuple[int, str, float]]:
    """Step, name and number of all that the bytes of an event file tell, in order."""
    for one in _records(data):
        fields = dict(_fields(one))
        step = fields.get(2, 0)
        for key, value in _fields(fields.get(5, b"")):
            named = dict(_fields(value)) if key == 1 else {}
            if 2 in named:
                yield int(step), named[1].decode(), float(struct.unpack("<f", named[2])[0])


def _records(data: bytes) -> Iterator[bytes]:
    start = 0
    while start + _HEADER <= len(data):
        (length,) = struct.unpack_from("<Q", data, start)
        end = start + _HEADER + length
        if end + _CHECKSUM > len(data):
            return
        yield data[start + _HEADER : end]
        start = end + _CHECKSUM


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message: an int, or bytes."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        if key & 7 == _VARINT:
            value, position = _read_varint(message, position)
            yield key >> 3, value
            continue
        length = {_BYTES8: 8, _BYTES4: 4}.get(key & 7)
        if length is None:
            length, position = _read_varint(message, position)
        yield key >> 3, message[position : position + length]
        position += length


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    """A number, and the position behind it."""
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        shift, position = shift + 7, position + 1
        if byte < 0x80:
            return value, position


def _varint(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _key(field: int, kind: int) -> int:
    return field << 3 | kind


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, _LENGTH).to_bytes() + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _bytes(field, content.encode())


def _masked(data: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _table()
