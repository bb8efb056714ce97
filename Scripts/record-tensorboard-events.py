#!/usr/bin/env python3
"""Records the event file of RunLogTests with TensorBoard's own messages and record writer, as hexadecimal digits.

Needs tensorboard. With a folder as argument, prints instead what TensorBoard reads from the event files there.
"""

import io
import sys


def record():
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    def metrics(step, values):
        summary = summary_pb2.Summary(
            value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values]
        )
        return event_pb2.Event(wall_time=1_700_000_000, step=step, summary=summary)

    output = io.BytesIO()
    writer = RecordWriter(output)
    for event in [
        event_pb2.Event(wall_time=1_700_000_000, file_version="brain.Event:2"),
        metrics(1, [("loss", 3.5), ("learning_rate", 1e-5)]),
        metrics(300, [("loss", float("nan")), ("größe/\U0001f600", -2)]),
    ]:
        writer.write(event.SerializeToString(deterministic=True))
    print(output.getvalue().hex())
    session = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    print(event_pb2.Event(wall_time=1_700_000_001, step=3, session_log=session).SerializeToString().hex())


def show(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(folder)
    accumulator.Reload()
    for tag in accumulator.Tags()["scalars"]:
        print(tag, [(event.step, event.value) for event in accumulator.Scalars(tag)])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        show(sys.argv[1])
    else:
        record()
