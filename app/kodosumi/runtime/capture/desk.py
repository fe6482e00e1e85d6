"""The desk: where lines become events, as soon as it is known whose they are."""

import os
import threading
from collections.abc import Callable

from kodosumi.sdk.tracer import Emitter
from kodosumi.wire.events import Kind, dump

HELD = 1_000_000
"""Characters that are kept of what is written before the job is known."""

_NUMBERS = {Kind.STDOUT: 1, Kind.STDERR: 2}

_MARKS = (":job_id:", ":actor_name:", ":task_name:")
"""How lines begin that Ray writes for its own log reader."""


class Desk:
    """Takes the lines of a process; holds them until it is told where they go."""

    def __init__(self) -> None:
        self._emitter: Emitter | None = None
        self._lock = threading.RLock()
        self._held: list[tuple[Kind, str]] = []
        self._size = 0
        self._in_child = False

    def renew(self) -> None:
        """Leave to the parent what is held: in a forked child."""
        self._lock = threading.RLock()
        self._held.clear()
        self._in_child = True

    def begin(self, emitter: Emitter) -> None:
        """Emit what is held, and from now on every line."""
        with self._lock:
            for kind, line in self._held:
                emitter.emit(kind, dump(line))
            if self._size > HELD:
                note = f"… {self._size - HELD:,} characters written before the job were cut."
                emitter.emit(Kind.STDERR, dump(note))
            self._held.clear()
            self._emitter = emitter

    def take(self, kind: Kind, line: str) -> None:
        """Make an event of `line`."""
        if self._emitter:
            self._emitter.emit(kind, dump(line))
        elif not line.startswith(_MARKS):
            self._hold(kind, line)

    def settle(self) -> None:
        """Wait while more is written than can be stored."""
        if self._emitter and self._emitter.crowded:
            self._emitter.make_room()

    def _hold(self, kind: Kind, line: str) -> None:
        with self._lock:
            if self._emitter:
                self._emitter.emit(kind, dump(line))
                return
            if self._in_child:  # which nobody will tell; the parent reads what it writes
                os.write(_NUMBERS[kind], f"{line}\n".encode())
                return
            self._size += len(line)
            if self._size <= HELD:
                self._held.append((kind, line))


class Counter:
    """The side of the desk for one kind of lines; see `streams.Sink`."""

    def __init__(self, desk: Desk, kind: Kind, before: Callable[[], None] = lambda: None) -> None:
        self._desk = desk
        self._kind = kind
        self._before = before
        self.settle = desk.settle

    def take(self, line: str) -> None:
        """Make an event of `line`, after what was written in other ways `before`."""
        self._before()
        self._desk.take(self._kind, line)
