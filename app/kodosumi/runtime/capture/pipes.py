"""The file descriptors 1 and 2 of this process: what C code and subprocesses write there.

C code that holds Python's lock and writes more than fits into the pipe at once would wait for a
reader that waits for the lock; so the pipes are made larger than usual.
"""

import codecs
import ctypes
import faulthandler
import os
import select
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

from kodosumi.runtime.capture.lines import Line
from kodosumi.runtime.capture.streams import Sink, feed
from kodosumi.runtime.capture.taps import Tap, widen

PATIENCE = 1.0
"""Seconds that a print waits at most for what was written before it."""

_LINES = 1  # _IOLBF


class Pipe:
    """A file descriptor of this process, turned into lines for a sink while it is open."""

    def __init__(self, descriptor: int, sink: Sink) -> None:
        self._descriptor = descriptor
        self._sink = sink
        self._line = Line()
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self.saved = os.dup(descriptor)
        self.end = _into_pipe(descriptor)
        self.tap = Tap(self.end, self._take, sink.settle)

    def close(self, wait: float) -> None:
        """Give the descriptor back, and hand over what was written until now.

        A process that was started with it and lives on is still read, by the tap's thread.
        """
        os.dup2(self.saved, self._descriptor)
        os.close(self.saved)
        self.tap.pump_all(wait)
        if self._line.started:
            self._sink.take(self._line.end())

    def _take(self, data: bytes) -> None:
        feed(self._line, self._decoder.decode(data), self._sink)


class Pipes:
    """Both descriptors."""

    def __init__(self, sinks: Mapping[int, Sink]) -> None:
        flush_c()
        _by_lines()
        self._pipes = [Pipe(descriptor, sink) for descriptor, sink in sinks.items()]
        _report_crashes(self._pipes[-1].saved)
        self._poll = select.poll()
        for pipe in self._pipes:
            self._poll.register(pipe.end, select.POLLIN)

    def pump(self) -> None:
        """Hand over what has just been written, so that it comes before what is printed next."""
        try:
            written = self._poll.poll(0)
        except RuntimeError:  # another thread asks just now
            return
        for pipe in self._pipes:
            if pipe.tap.closed:
                self._forget(pipe)
            elif written or pipe.tap.reading:
                pipe.tap.pump_all(PATIENCE)

    def leave(self) -> None:
        """Leave the reading to the parent: in a forked child, which writes only."""
        self._poll = select.poll()
        for pipe in self._pipes:
            pipe.tap.close()
        self._pipes.clear()

    def close(self, wait: float) -> None:
        """Give the descriptors back, and hand over what was written until now."""
        flush_c()
        _report_crashes(2)
        until = time.monotonic() + wait
        for pipe in self._pipes:
            pipe.close(until - time.monotonic())

    def _forget(self, pipe: Pipe) -> None:
        """Do not ask for `pipe`, whose descriptor leads elsewhere: its end may be another file."""
        with suppress(KeyError):  # forgotten already
            self._poll.unregister(pipe.end)


def _into_pipe(descriptor: int) -> int:
    """Let `descriptor` be the writing end of a new pipe; return its reading end."""
    reading, writing = os.pipe()
    widen(reading)
    os.dup2(writing, descriptor)
    os.close(writing)
    return reading


def _report_crashes(descriptor: int) -> None:
    """Let the traceback of a crash go where it can still be read: a pipe ends with the process."""
    if faulthandler.is_enabled():
        faulthandler.enable(descriptor, all_threads=False)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _by_lines() -> None:
    """Let the C library write each line at once, as it does for a terminal."""
    with suppress(Exception):
        libc = _libc()
        libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _LINES, 0)


def flush_c() -> None:
    """Write out what the C library and the original streams of Python have buffered."""
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        with suppress(Exception):
            stream.flush()
    with suppress(Exception):
        _libc().fflush(None)
