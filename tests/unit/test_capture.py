"""What a job prints: whole lines, whatever way it is written."""

import sys
import threading

from kodosumi.runtime.capture import LONGEST, LineStream, captured
from kodosumi.wire.events import Kind


class Drain:
    cancelled = False

    def __init__(self, limit: int = 10**9) -> None:
        self.lines: list[str] = []
        self.rooms = 0
        self._limit = limit

    @property
    def crowded(self) -> bool:
        return len(self.lines) > self._limit

    def emit(self, kind: Kind, payload: str) -> None:
        self.lines.append(payload)

    def make_room(self) -> None:
        self.rooms += 1


def stream(lines: list[str]) -> LineStream:
    return LineStream(lines.append, sys.__stdout__ or sys.stdout, lambda: None)


def test_bytes_arrive_as_text_even_when_a_letter_is_cut_in_two() -> None:
    lines: list[str] = []
    out = stream(lines)
    out.reconfigure(line_buffering=True)
    for piece in (b"gr\xc3", b"\xbc\xc3\x9fe\n", b"\xff\n"):
        out.buffer.write(piece)
    assert lines == ["grüße", "\\xff"]


def test_a_bar_that_never_ends_its_line_does_not_grow() -> None:
    lines: list[str] = []
    out = stream(lines)
    for n in range(1000):
        out.write(f"\r{n} % done")
    assert len(out._rest) < 20
    out.write("\r\n")
    assert lines == ["999 % done"]


def test_text_without_any_line_end_is_handed_over_when_it_is_long() -> None:
    lines: list[str] = []
    out = stream(lines)
    for _ in range(LONGEST // 1000 + 2):
        out.write("x" * 1000)
    assert len(lines) == 1
    assert len(out._rest) <= 1000


def test_a_finalizer_that_prints_while_a_line_is_taken_does_not_stall_the_thread() -> None:
    lines: list[str] = []

    def take(line: str) -> None:
        if line == "outer":
            out.write("inner\n")
        lines.append(line)

    out = LineStream(take, sys.__stdout__ or sys.stdout, lambda: None)
    thread = threading.Thread(target=out.write, args=("outer\n",), daemon=True)
    thread.start()
    thread.join(5)
    assert lines == ["inner", "outer"]


def test_printing_slows_down_while_too_much_waits_to_be_stored() -> None:
    drain = Drain(limit=3)
    with captured(drain):
        for n in range(5):
            sys.stdout.write(f"{n}\n")
    assert len(drain.lines) == 5
    assert drain.rooms == 2
