"""TensorBoard events of a training, in a folder; what an earlier start has told is read back, and not told again."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import time

_HEADER, _CHECKSUM = 12, 4


class EventFiles:
    """Writes to a folder; it needs tensorboardX, and says ModuleNotFoundError without.

    Written are plain event files, at once: tensorboardX's own `SummaryWriter` hands events to a thread, and a kill would
    lose those of an epoch whose checkpoint is there.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboardX.event_file_writer import EventsWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._told = last_steps(folder)
        # Two files that are begun within a second would else bear one name, and the second would wipe out the first.
        self._writer = EventsWriter(str(folder / "events"), f".{len(list(folder.glob('events.*')))}")

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write what was not told yet, and have it on disk."""
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary

        fresh = {name: value for name, value in values.items() if step > self._told.get(name, -1)}
        if fresh:
            told = Summary(value=[Summary.Value(tag=name, simple_value=value) for name, value in fresh.items()])
            self._writer.write_event(Event(wall_time=time(), step=step, summary=told))
            self._writer.flush()
            self._told.update(dict.fromkeys(fresh, step))

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


def last_steps(folder: Path) -> dict[str, int]:
    """The last step that the event files of a folder tell of each number; a file that breaks off is read so far."""
    from tensorboardX.proto.event_pb2 import Event

    last: dict[str, int] = {}
    for path in folder.glob("events.*"):
        for record in records(path.read_bytes()):
            event = Event.FromString(record)
            for value in event.summary.value:
                last[value.tag] = max(last.get(value.tag, -1), event.step)
    return last


def records(data: bytes) -> Iterator[bytes]:
    """The records of a TFRecord file: length (8 bytes), its checksum (4), the record, its checksum (4)."""
    start = 0
    while start + _HEADER <= len(data):
        (length,) = struct.unpack_from("<Q", data, start)
        end = start + _HEADER + length
        if end + _CHECKSUM > len(data):
            return
        yield data[start + _HEADER : end]
        start = end + _CHECKSUM
