"""`print` and `sys.stderr` of a job as events, one per line."""

import codecs
import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from kodosumi.sdk.tracer import Emitter
from kodosumi.wire.codec import clean
from kodosumi.wire.events import Kind, dump

LONGEST = 100_000
"""Characters of a line that are kept."""


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


class LineStream(io.TextIOBase):
    """A text stream that hands over whole lines; usable from any thread."""

    def __init__(
        self, take: Callable[[str], None], original: TextIO, settle: Callable[[], None]
    ) -> None:
        self._take = take
        self._settle = settle
        self._original = original
        # Taking a line may run a finalizer that prints, in this very thread.
        self._lock = threading.RLock()
        self._rest = ""
        self.buffer = _Bytes(self.write)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8."""
        return "utf-8"

    def writable(self) -> bool:
        """Return True."""
        return True

    def reconfigure(self, **_options: object) -> None:
        """Take no notice: lines are handed over at once, as UTF-8."""

    def fileno(self) -> int:
        """Return the number of the original stream, for code that writes to it directly."""
        return self._original.fileno()

    def write(self, text: str) -> int:
        """Take `text`; its complete lines are handed over, and so is what grows too long."""
        with self._lock:
            *lines, rest = (self._rest + text).split("\n")
            self._rest = _visible(rest)
            for line in lines:
                self._take(_shown(line))
            if len(self._rest) > LONGEST:
                self.finish()
        self._settle()
        return len(text)

    def finish(self) -> None:
        """Hand over what has no line end yet."""
        with self._lock:
            rest, self._rest = self._rest, ""
            if rest:
                self._take(_shown(rest))


def _visible(line: str) -> str:
    """Return what a terminal shows of `line`: what follows its last return of the carriage."""
    start = line.rstrip("\r").rfind("\r") + 1
    return line[start:]


def _shown(line: str) -> str:
    line = _visible(line).rstrip("\r")
    if len(line) > LONGEST:
        line = f"{line[:LONGEST]} … ({len(line) - LONGEST:,} more characters cut)"
    return clean(line)


@contextmanager
def captured(emitter: Emitter) -> Iterator[None]:
    """Make events of all that this process prints inside the block."""
    saved = sys.stdout, sys.stderr

    def settle() -> None:
        if emitter.crowded:
            emitter.make_room()

    out = LineStream(lambda line: emitter.emit(Kind.STDOUT, dump(line)), sys.stdout, settle)
    err = LineStream(lambda line: emitter.emit(Kind.STDERR, dump(line)), sys.stderr, settle)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = saved
        out.finish()
        err.finish()
