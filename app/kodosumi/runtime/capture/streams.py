"""`sys.stdout` and `sys.stderr` as streams that hand over whole lines."""

import codecs
import io
import threading
from collections.abc import Callable
from typing import Any, TextIO

from kodosumi.wire.codec import clean

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
