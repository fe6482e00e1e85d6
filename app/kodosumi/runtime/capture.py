"""`print` and `sys.stderr` of a job as events, one per line."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from kodosumi.wire.codec import clean
from kodosumi.wire.events import Kind, dump

LONGEST = 100_000
"""Characters of a line that are kept."""


class LineStream(io.TextIOBase):
    """A text stream that hands over whole lines; usable from any thread."""

    def __init__(self, take: Callable[[str], None], original: TextIO) -> None:
        self._take = take
        self._original = original
        self._lock = threading.Lock()
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8."""
        return "utf-8"

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the number of the original stream, for code that writes to it directly."""
        return self._original.fileno()

    def write(self, text: str) -> int:
        """Take `text`; its complete lines are handed over."""
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                self._take(_shown(line))
        return len(text)

    def finish(self) -> None:
        """Hand over what has no line end yet."""
        with self._lock:
            rest, self._rest = self._rest, ""
            if rest:
                self._take(_shown(rest))


def _shown(line: str) -> str:
    line = line.rstrip("\r").rpartition("\r")[2]
    if len(line) > LONGEST:
        line = f"{line[:LONGEST]} … ({len(line) - LONGEST:,} more characters cut)"
    return clean(line)


@contextmanager
def captured(emit: Callable[[Kind, str], None]) -> Iterator[None]:
    """Make events of all that this process prints inside the block."""
    saved = sys.stdout, sys.stderr
    out = LineStream(lambda line: emit(Kind.STDOUT, dump(line)), sys.stdout)
    err = LineStream(lambda line: emit(Kind.STDERR, dump(line)), sys.stderr)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = saved
        out.finish()
        err.finish()
