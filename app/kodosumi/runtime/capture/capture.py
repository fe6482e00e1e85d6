"""The output of this process: its text streams, and its file descriptors below them."""

import os
import sys
from contextlib import suppress
from typing import NoReturn

from kodosumi.runtime.capture import forks
from kodosumi.runtime.capture.desk import Counter, Desk
from kodosumi.runtime.capture.following import follow
from kodosumi.runtime.capture.pipes import Pipes
from kodosumi.runtime.capture.streams import LineStream
from kodosumi.runtime.link import Postbox
from kodosumi.sdk.tracer import Emitter
from kodosumi.wire.events import Kind

LEAVE = 1.0
"""Seconds that `os._exit` may take to hand over what was written before it."""

_KINDS = {1: Kind.STDOUT, 2: Kind.STDERR}
_streams: dict[int, LineStream] = {}


class Capture:
    """Takes the output of this process from `install` to `finish`; makes events from `begin` on.

    There is one at a time in a process.
    """

    def __init__(self) -> None:
        self._saved = sys.stdout, sys.stderr
        self._exit = os._exit
        self._desk = Desk()
        self._pipes = Pipes({fd: Counter(self._desk, kind) for fd, kind in _KINDS.items()})
        self._postbox: Postbox | None = None
        self._open = True

    @classmethod
    def install(cls) -> "Capture":
        """Take over the output of this process, and hold it until `begin`.

        Call it before the author's module is imported.
        """
        capture = cls()
        capture._take_streams()
        os._exit = capture._leave
        forks.watch(capture._renew)
        return capture

    def begin(self, emitter: Emitter) -> None:
        """Emit what was held, and from now on every line.

        With a `Postbox`, Ray tasks and actors that this process starts do the same, as sources of
        their own.
        """
        self._desk.begin(emitter)
        if isinstance(emitter, Postbox):
            self._postbox = emitter
            follow(emitter)

    def finish(self, wait: float = 2.0) -> None:
        """Give the process its output back, and emit what has no line end yet.

        Takes at most about `wait` seconds. May be called twice.
        """
        if not self._open:
            return
        self._open = False
        follow(None)
        os._exit = self._exit
        forks.forget(self._renew)
        sys.stdout, sys.stderr = self._saved
        for stream in _streams.values():
            stream.lead(None)
        forks.pump(wait)
        self._pipes.close(wait)

    def _take_streams(self) -> None:
        for fd, current in enumerate(self._saved, start=1):
            stream = _streams.setdefault(fd, LineStream(current, fd))
            if stream is not current:
                stream.original = current
            stream.lead(Counter(self._desk, _KINDS[fd], self._pipes.pump))
        sys.stdout, sys.stderr = _streams[1], _streams[2]

    def _renew(self) -> None:
        """Leave to the parent what is the parent's: in a forked child."""
        self._pipes.leave()
        self._desk.renew()
        for stream in _streams.values():
            stream.renew()

    def _leave(self, status: int) -> NoReturn:
        """End the process as `os._exit` does, after handing over what was written."""
        with suppress(Exception):
            for stream in _streams.values():
                stream.finish()
            self._pipes.pump()
            forks.pump(LEAVE)
            if self._postbox:
                self._postbox.outbox.sent(LEAVE)
        self._exit(status)
