"""What a job prints, as events, one per line."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kodosumi.runtime.capture.streams import LONGEST, LineStream
from kodosumi.sdk.tracer import Emitter
from kodosumi.wire.events import Kind, dump

__all__ = ["LONGEST", "Capture", "LineStream", "captured"]

HELD = 1_000_000
"""Characters that are kept of what is printed before `Capture.begin`."""


class Capture:
    """The output of this process: held from `install` to `begin`, then events until `finish`."""

    def __init__(self) -> None:
        self._saved = sys.stdout, sys.stderr
        self._lock = threading.RLock()
        self._emitter: Emitter | None = None
        self._held: list[tuple[Kind, str]] = []
        self._size = 0
        self._streams = (
            LineStream(lambda line: self._take(Kind.STDOUT, line), sys.stdout, self._settle),
            LineStream(lambda line: self._take(Kind.STDERR, line), sys.stderr, self._settle),
        )

    @classmethod
    def install(cls) -> "Capture":
        """Take over the output of this process; call it before the author's module is imported."""
        capture = cls()
        sys.stdout, sys.stderr = capture._streams
        return capture

    def begin(self, emitter: Emitter) -> None:
        """Emit what was held, and from now on every line."""
        with self._lock:
            for kind, line in self._held:
                emitter.emit(kind, dump(line))
            self._held.clear()
            self._emitter = emitter

    def finish(self, wait: float = 2.0) -> None:  # noqa: ARG002
        """Give the process its output back, and emit what has no line end yet.

        Takes at most about `wait` seconds. May be called twice.
        """
        sys.stdout, sys.stderr = self._saved
        for stream in self._streams:
            stream.finish()

    def _take(self, kind: Kind, line: str) -> None:
        with self._lock:
            if self._emitter:
                self._emitter.emit(kind, dump(line))
            elif self._size < HELD:
                self._size += len(line)
                self._held.append((kind, line))

    def _settle(self) -> None:
        if self._emitter and self._emitter.crowded:
            self._emitter.make_room()


@contextmanager
def captured(emitter: Emitter) -> Iterator[None]:
    """Make events of all that this process prints inside the block."""
    capture = Capture.install()
    capture.begin(emitter)
    try:
        yield
    finally:
        capture.finish()
