"""What a job prints: whole lines, whatever way it is written."""
# ruff: noqa: T201

import ctypes
import faulthandler
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kodosumi.runtime.capture import Capture
from kodosumi.runtime.capture.desk import HELD
from kodosumi.runtime.capture.lines import GLANCE, LONGEST, Line
from kodosumi.wire.events import Kind

OPEN = Path("/proc/self/fd")


class Drain:
    cancelled = False

    def __init__(self, limit: int = 10**9) -> None:
        self.lines: list[str] = []
        self.kinds: list[Kind] = []
        self.rooms = 0
        self._limit = limit

    @property
    def crowded(self) -> bool:
        return len(self.lines) > self._limit

    def emit(self, kind: Kind, payload: str) -> None:
        self.lines.append(json.loads(payload))
        self.kinds.append(kind)

    def make_room(self) -> None:
        self.rooms += 1


@contextmanager
def captured(drain: Drain) -> Iterator[None]:
    capture = Capture.install()
    capture.begin(drain)
    try:
        yield
    finally:
        capture.finish()


@contextmanager
def lines() -> Iterator[list[str]]:
    drain = Drain()
    with captured(drain):
        yield drain.lines


def run(code: str, *args: str) -> None:
    subprocess.run([sys.executable, "-c", code, *args], check=True)


def test_bytes_arrive_as_text_even_when_a_letter_is_cut_in_two() -> None:
    with lines() as found:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        for piece in (b"gr\xc3", b"\xbc\xc3\x9fe\n", b"\xff\n"):
            sys.stdout.buffer.write(piece)
            os.write(2, piece)
    assert sorted(found) == ["\\xff", "\\xff", "grüße", "grüße"]


def test_a_bar_is_what_a_terminal_shows_at_the_end() -> None:
    with lines() as found:
        for n in range(10_000):
            sys.stdout.write(f"\r{n // 100} % done")
        sys.stdout.write("\r100 %\n")
        os.write(1, b"".join(b"%d of 9999\r" % n for n in range(10_000)) + b"\r\n")
        sys.stdout.write("plain\r\n\r\x1b[Kcleared   \n")
    assert found == ["100 %done", "9999 of 9999", "plain", "\x1b[Kcleared"]


def test_a_bar_that_takes_long_is_seen_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("kodosumi.runtime.capture.lines.time.monotonic", lambda: now[0])
    line, seen = Line(), []
    for n in range(1000):
        now[0] += GLANCE / 100
        seen.append(line.add(f"\r{n}"))
    shown = [glance for glance in seen if glance]
    assert 9 <= len(shown) <= 10
    assert line.end() == "999"


def test_an_endless_line_is_cut_and_tells_how_much() -> None:
    with lines() as found:
        print("x" * 10_000_000)
        for _ in range(150):
            sys.stdout.write("y" * 1000)
        sys.stdout.write("\n")
        run("import sys; sys.stdout.write('z' * 10_000_000 + '\\nnext\\n')")
    cut = f" … ({10_000_000 - LONGEST:,} more characters cut)"
    assert found[0] == "x" * LONGEST + cut
    assert found[1] == "y" * LONGEST + f" … ({150_000 - LONGEST:,} more characters cut)"
    assert found[2:] == ["z" * LONGEST + cut, "next"]


def test_a_finalizer_that_prints_while_a_line_is_taken_does_not_stall_the_thread() -> None:
    class Chatty(Drain):
        def emit(self, kind: Kind, payload: str) -> None:
            if "outer" in payload:
                print("inner")
            super().emit(kind, payload)

    drain = Chatty()
    with captured(drain):
        thread = threading.Thread(target=print, args=("outer",), daemon=True)
        thread.start()
        thread.join(5)
    assert drain.lines == ["inner", "outer"]


def test_printing_slows_down_while_too_much_waits_to_be_stored() -> None:
    drain = Drain(limit=3)
    with captured(drain):
        for n in range(5):
            sys.stdout.write(f"{n}\n")
        assert drain.rooms == 2
        run("for n in range(5000): print(n)")
    assert drain.rooms > 2
    assert len(drain.lines) == 5005


def test_each_way_of_writing_arrives_in_its_order_and_kind() -> None:
    libc = ctypes.CDLL(None)
    drain = Drain()
    handler = logging.StreamHandler()
    with captured(drain):
        print("printed")
        libc.printf(b"by a library\n")
        print("and then")
        run("import sys; print('by a process'); sys.stdout.flush()")
        print("last", file=sys.stderr)
        handler.setStream(sys.stderr)
        handler.emit(logging.makeLogRecord({"msg": "logged"}))
        sys.__stdout__.write("unfinished")  # type: ignore[union-attr]
        libc.printf(b" and buffered")
    assert drain.lines == [
        "printed",
        "by a library",
        "and then",
        "by a process",
        "last",
        "logged",
        "unfinished and buffered",
    ]
    assert drain.kinds == [Kind.STDOUT] * 4 + [Kind.STDERR] * 2 + [Kind.STDOUT]


def test_c_code_that_keeps_pythons_lock_may_write_much_at_once() -> None:
    data = b"x" * 99 + b"\n"
    with lines() as found:
        assert ctypes.PyDLL(None).write(1, data * 2600, len(data) * 2600) == len(data) * 2600
    assert found == ["x" * 99] * 2600


def test_a_traceback_of_faulthandler_is_seen() -> None:
    with lines() as found:
        faulthandler.dump_traceback(all_threads=False)
    assert "most recent call first" in found[0]


def test_threads_do_not_write_into_each_other() -> None:
    def work(name: str) -> None:
        for n in range(300):
            print(name, n, flush=True)
        print(name, "ends", end="")

    with lines() as found:
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in "abcd":
        wanted = [*(f"{name} {n}" for n in range(300)), f"{name} ends"]
        assert [line for line in found if line[0] == name] == wanted


def test_a_flood_of_a_process_arrives_in_order() -> None:
    with lines() as found:
        run("import sys\nfor n in range(50_000): sys.stdout.write(f'{n}\\n')")
    assert found == [str(n) for n in range(50_000)]


def test_a_process_that_lives_on_does_not_hold_up_the_end() -> None:
    drain = Drain()
    with captured(drain):
        code = "import sys, time\nprint('here', flush=True)\nsys.stdin.read()\nprint('late')"
        left = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
        while not drain.lines:
            time.sleep(0.01)
    assert left.poll() is None
    left.communicate()
    while len(drain.lines) < 2:
        time.sleep(0.01)
    assert drain.lines == ["here", "late"]


def test_what_is_written_before_the_beginning_is_told_then() -> None:
    drain = Drain()
    capture = Capture.install()
    print("early")
    os.write(1, b":actor_name:Runner\n")
    for _ in range(HELD // 1000 + 5):
        print("x" * 1000)
    capture.begin(drain)
    print("live")
    capture.finish()
    capture.finish()
    assert drain.lines[:2] == ["early", "x" * 1000]
    assert "written before the job were cut" in drain.lines[-2]
    assert drain.lines[-1] == "live"


def test_a_descriptor_that_is_sent_elsewhere_for_good_is_not_asked_any_more() -> None:
    capture = Capture.install()
    with Path(os.devnull).open("wb") as elsewhere:
        os.dup2(elsewhere.fileno(), 1)
    end = OPEN / str(capture._pipes._pipes[0].end)
    while end.is_symlink():  # the tap closes it
        time.sleep(0.01)
    print("goes on")
    asked = capture._pipes._poll.poll(0)
    capture.finish()
    assert asked == []


def test_the_process_has_its_output_back(capfd: pytest.CaptureFixture[str]) -> None:
    before, files = sys.stdout, set(OPEN.iterdir())
    exits = os._exit
    handlers = []
    for turn in range(20):
        with lines() as found:
            handlers.append(logging.StreamHandler(sys.stdout))
            handlers[0].emit(logging.makeLogRecord({"msg": f"turn {turn}"}))
        assert found == [f"turn {turn}"]
    handlers[0].emit(logging.makeLogRecord({"msg": "not of a job"}))
    os.write(1, b"nor this\n")
    assert (sys.stdout, os._exit) == (before, exits)
    assert capfd.readouterr().out == "not of a job\nnor this\n"
    while set(OPEN.iterdir()) - files:  # the taps close their ends
        time.sleep(0.01)
