"""Event files of the real tensorboard package (2.21): what RunLog must write and how it is read.

  make_events.py write FILE    the reference: tensorboard's own messages in its own record writer
  make_events.py read FOLDER   what tensorboard finds there, as JSON: {tag: [[step, value], ...]}

Needs: pip install tensorboard
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

# The rows of RunLogTests.row(_:): step, training figures, held-out figures at multiples of 3.
TAGS = ["train/loss", "train/learning_rate", "train/gradient_norm", "speed/tokens_per_second",
        "speed/data_wait_percent"]
HELD_OUT = ["held_out/loss", "held_out/ece_percent", "held_out/top_one_percent"]


def figures(step):
    values = [8 / step, 0.001 * step, 1.5, 1000.0 + step, 0.25]
    pairs = list(zip(TAGS, values))
    if step % 3 == 0:
        pairs += list(zip(HELD_OUT, [4.5, 25.0, 50.0]))
    return pairs


def write(path):
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        first = event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2")
        writer.write(first.SerializeToString())
        for step in list(range(1, 8)) + [128, 300, 20000]:
            summary = summary_pb2.Summary()
            for tag, value in figures(step):
                summary.value.add(tag=tag, simple_value=value)
            event = event_pb2.Event(wall_time=1.7e9, step=step, summary=summary)
            writer.write(event.SerializeToString())
        writer.flush()


def read(folder):
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    found = {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in tags["scalars"]}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
