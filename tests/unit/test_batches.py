"""Batches travel as they are."""

import pickle

from ray import cloudpickle

from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted


def test_a_batch_arrives_as_it_left() -> None:
    full = Batch("job", "src", 7, [Emitted(1.5, "debug", '"a"'), Emitted(2.5, "result", "{}")])
    for batch in (full, full._replace(events=[])):
        for dumps in (pickle.dumps, cloudpickle.dumps):
            assert pickle.loads(dumps(batch)) == batch
            assert type(pickle.loads(dumps(batch))) is Batch
    assert type(pickle.loads(pickle.dumps(full)).events[0]) is Emitted


def test_a_batch_travels_in_columns_not_in_objects() -> None:
    batch = Batch("job", "src", 1, [Emitted(0.0, "debug", f'"{n}"') for n in range(100)])
    assert cloudpickle.dumps(batch).count(b"Emitted") == 0
