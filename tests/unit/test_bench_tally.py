"""The benchmarks notice what is lost, repeated or out of order, however the bytes arrive."""

import re

import pytest

from tests.bench.goals import Headline
from tests.bench.sse import Dialect, Watch
from tests.bench.tally import Tally, faults, percentile

DIALECT = Dialect(
    b"\n\n", re.compile(rb"^event: log$", re.MULTILINE), re.compile(rb"^event: end$", re.MULTILINE)
)
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(text: str) -> bytes:
    return f"{len(text):x}\r\n{text}\r\n".encode()


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([1, 2, 3], ""),
        ([1, 3], "1 lost"),
        ([1, 2, 2, 3], "1 repeated"),
        ([1, 3, 2], "1 out of order"),
        ([], "3 lost"),
        ([2, 1, 1], "1 lost, 1 repeated, 1 out of order"),
    ],
)
def test_faults_are_told(numbers: list[int], told: str) -> None:
    tally = Tally(3)
    tally.take(b"".join(b"@%d@1.5@" % number for number in numbers), 2.0)
    assert faults([tally]) == told


def test_a_stream_is_read_the_same_wherever_it_is_cut() -> None:
    message = "event: log\ndata: @1@1.0@ and @2@2.0@\n\n"
    stream = (
        HEAD
        + chunk(message)
        + chunk("event: end\ndata: {}\n\nevent: log\ndata: @3@")
        + b"0\r\n\r\n"
    )
    for cut in range(1, len(stream)):
        watch = Watch(Tally(2), DIALECT, b"")
        watch.data_received(stream[:cut])
        watch.data_received(stream[cut:])
        assert watch.tally.numbers == [1, 2]
        assert watch.whole.is_set()
        assert watch.ended.is_set()


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile(list(range(1, 101)), 0.95) == 95


def test_a_row_with_faults_meets_no_goal() -> None:
    figures = {"figures": {"speed": 20.0}, "faults": ""}
    told = {"rows": {"3": {"kodosumi": figures}}}
    line = Headline(3, "speed", "speed", least=10)
    assert line.met(told)
    figures["faults"] = "1 lost"
    assert line.met(told) is False
