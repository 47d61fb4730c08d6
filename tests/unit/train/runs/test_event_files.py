from __future__ import annotations

from pathlib import Path

import pytest

from shibuya_optics.train.runs.event_files import EventFiles, event, last_steps, record, scalars_in

VALUES = {"loss": 0.25, "test/accuracy": -1.5}


@pytest.mark.parametrize("step", [0, 1, 127, 128, 1_000_000])
def test_events_are_those_of_tensorboardx_byte_for_byte(step: int, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="the other writer is a part of the developers' set-up")
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary
    from tensorboardX.record_writer import RecordWriter

    values = [Summary.Value(tag=name, simple_value=value) for name, value in VALUES.items()]
    theirs = Event(wall_time=12.5, step=step, summary=Summary(value=values)).SerializeToString()
    assert event(12.5, step, VALUES) == theirs
    writer = RecordWriter(str(tmp_path / "theirs"))
    writer.write(theirs)
    writer.close()
    assert record(theirs) == (tmp_path / "theirs").read_bytes()
    assert list(scalars_in(record(theirs))) == [(step, name, value) for name, value in VALUES.items()]


def test_a_training_that_goes_on_repeats_no_event(tmp_path: Path) -> None:
    first = EventFiles(tmp_path)
    for step in (4, 9):
        first.scalars({"loss": 1 / step, "accuracy": 0.5}, step)
        first.scalars({"loss": 1 / step}, step)
    first.scalars({"loss": 1 / 14}, 14)
    (broken,) = tmp_path.iterdir()
    broken.write_bytes(broken.read_bytes() + b"\x10\x00\x00")
    again = EventFiles(tmp_path)
    for step in (9, 14, 19):
        again.scalars({"loss": 1 / step, "accuracy": 0.5}, step)
    again.close()
    first.close()
    assert last_steps(tmp_path) == {"loss": 19, "accuracy": 19}
    told = [(name, step) for path in tmp_path.iterdir() for step, name, _ in scalars_in(path.read_bytes())]
    assert sorted(told) == sorted((name, step) for name in ("loss", "accuracy") for step in (4, 9, 14, 19))
