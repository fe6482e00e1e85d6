"""`sys.stdout` and `sys.stderr` as streams that hand over whole lines."""

import codecs
import io
import threading
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from kodosumi.runtime.capture.lines import Line


class Sink(Protocol):
    """Where the lines of a stream go."""

    def take(self, line: str) -> None:
        """Take a line, without its end. Never waits."""
        ...

    def settle(self) -> None:
        """Wait while more is written than can be carried away."""
        ...


class _Bytes(io.RawIOBase):
    """The binary side of a text stream, for code that writes to `sys.stdout.buffer`."""

    def __init__(self, write: Callable[[str], int]) -> None:
        self._write = write
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes of UTF-8; what is none is shown as it is escaped."""
        taken = bytes(data)
        self._write(self._decoder.decode(taken))
        return len(taken)


class _Own:
    """The line of one thread."""

    def __init__(self) -> None:
        self.line = Line()
        self.thread = threading.current_thread()
        # Only `finish` comes from other threads. Taking a line may run a finalizer that prints.
        self.lock = threading.RLock()


class LineStream(io.TextIOBase):
    """A text stream that hands over whole lines; each thread writes lines of its own.

    Without a sink it passes text on to the stream whose place it takes: log handlers keep a stream
    for as long as the process lives, and a worker of Ray works for many jobs.
    """

    def __init__(self, original: TextIO, descriptor: int) -> None:
        self.original = original
        self.buffer = _Bytes(self.write)
        self._descriptor = descriptor
        self._sink: Sink | None = None
        self.renew()

    def renew(self) -> None:
        """Forget unfinished lines: in a forked child they are the parent's."""
        self._mine = threading.local()
        self._all: list[_Own] = []
        self._joining = threading.RLock()

    def lead(self, sink: Sink | None) -> None:
        """Hand over to `sink` from now on; unfinished lines go to the last one."""
        self.finish()
        self._sink = sink

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Lone surrogates are replaced."""
        return "replace"

    def writable(self) -> bool:
        """Return True."""
        return True

    def reconfigure(self, **_options: object) -> None:
        """Take no notice: lines are handed over at once, as UTF-8."""

    def fileno(self) -> int:
        """Return 1 or 2, for code that writes to it directly."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Take `text`; its complete lines are handed over."""
        sink = self._sink
        if sink is None:
            return self.original.write(text)
        own = getattr(self._mine, "own", None) or self._begin()
        with own.lock:
            taken = feed(own.line, text, sink)
        if taken:
            sink.settle()
        return len(text)

    def flush(self) -> None:
        """Pass it on while there is no sink; lines are handed over as soon as they end."""
        if self._sink is None and not self.original.closed:
            self.original.flush()

    def finish(self) -> None:
        """Hand over what has no line end yet."""
        self._finish(list(self._all))

    def _finish(self, owns: list[_Own]) -> None:
        for own in owns:
            with own.lock:
                if self._sink and own.line.started:
                    self._sink.take(own.line.end())

    def _begin(self) -> _Own:
        """Return the calling thread's new line, and finish those of threads that have ended."""
        self._mine.own = own = _Own()
        with self._joining:
            ended = [other for other in self._all if not other.thread.is_alive()]
            self._all = [*(other for other in self._all if other not in ended), own]
        self._finish(ended)
        return own


def feed(line: Line, text: str, sink: Sink) -> bool:
    """Add `text` to `line`; return whether `sink` was given something."""
    *ended, rest = text.split("\n")
    for piece in ended:
        line.add(piece)
        sink.take(line.end())
    glance = line.add(rest) if rest else None
    if glance:
        sink.take(glance)
    return bool(ended or glance)
