"""Forked children: what they emit goes through a pipe to the parent, which alone talks to Ray.

A child has none of its parent's threads, and Ray's connection cannot be shared. So before each
fork every outbox of the process gets a pipe, whose reading end stays with the parent.
"""

import logging
import os
import select
import signal
import struct
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from kodosumi.runtime.capture.taps import Tap
from kodosumi.runtime.link import outboxes, renew
from kodosumi.runtime.outbox import Outbox
from kodosumi.wire.events import Kind

_HEAD = struct.Struct("<8sH?")  # who writes, how many bytes follow, whether more of it comes
_PIECE = select.PIPE_BUF - _HEAD.size  # up to PIPE_BUF, writes of several processes do not mix

log = logging.getLogger(__name__)


class Relay:
    """A child's end: sends events in pieces."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.renew()

    def renew(self) -> None:
        """Write under a name of its own: after a fork."""
        self._name = os.urandom(8)
        self._lock = threading.RLock()
        self._queue: deque[bytes] = deque()
        self._busy = False

    def send(self, kind: Kind, payload: str) -> None:
        """Send an event; wait while the parent does not come after. Nothing if it is gone."""
        with self._lock:
            self._queue.append(f"{kind.value}\n{payload}".encode())
            if self._busy:  # a finalizer emits while this thread is writing
                return
            self._busy = True
            try:
                while self._queue:
                    self._write(self._queue.popleft())
            finally:
                self._busy = False

    def _write(self, data: bytes) -> None:
        with suppress(BrokenPipeError):
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                more = start + _PIECE < len(data)
                os.write(self._fd, _HEAD.pack(self._name, len(piece), more) + piece)


class Receiver:
    """The parent's end: puts the pieces together."""

    def __init__(self, emit: Callable[[Kind, str], None]) -> None:
        self._emit = emit
        self._rest = b""
        self._begun: dict[bytes, list[bytes]] = {}

    def take(self, data: bytes) -> None:
        """Take what has been read; emit the events that are complete."""
        data = self._rest + data
        at = 0
        while len(data) >= at + _HEAD.size:
            name, size, more = _HEAD.unpack_from(data, at)
            end = at + _HEAD.size + size
            if len(data) < end:
                break
            self._piece(name, data[at + _HEAD.size : end], more=more)
            at = end
        self._rest = data[at:]

    def _piece(self, name: bytes, piece: bytes, *, more: bool) -> None:
        self._begun.setdefault(name, []).append(piece)
        if not more:
            kind, _, payload = b"".join(self._begun.pop(name)).partition(b"\n")
            self._emit(Kind(kind.decode()), payload.decode())


class _Forks:
    """What this process does around its forks."""

    def __init__(self) -> None:
        self.in_children: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._fresh: list[tuple[Outbox, int, int]] = []
        self._relays: list[Relay] = []
        self._taps: list[Tap] = []

    def before(self) -> None:
        self._lock.acquire()
        with suppress(OSError):  # too many open files: the child writes to its stderr
            for box in outboxes():
                if not box.in_child:
                    self._fresh.append((box, *os.pipe()))

    def in_parent(self) -> None:
        fresh, self._fresh = self._fresh, []
        try:
            self._taps = [tap for tap in self._taps if not tap.closed]
            for box, reading, writing in fresh:
                os.close(writing)
                self._listen(box, reading)
        finally:
            self._lock.release()

    def in_child(self) -> None:
        fresh, self._fresh = self._fresh, []
        self._lock = threading.Lock()
        for tap in self._taps:  # or older children go on writing when the parent is gone
            tap.close()
        self._taps = []
        renew()
        for relay in self._relays:
            relay.renew()
        for box, reading, writing in fresh:
            os.close(reading)
            self._relays.append(Relay(writing))
            box.become_child(self._relays[-1].send)
        for box in outboxes():
            if not box.in_child:
                box.become_child(_aloud)
        for renew_child in self.in_children:
            renew_child()
        _end_quietly()

    def _listen(self, box: Outbox, reading: int) -> None:
        try:
            tap = Tap(reading, Receiver(box.emit).take, box.make_room)
        except RuntimeError as exc:
            os.close(reading)
            log.warning("what a forked process emits for job %s is lost: %s", box.job, exc)
        else:
            self._taps.append(tap)

    def pump(self, wait: float) -> None:
        """Hand over what children have sent until now."""
        for tap in self._taps:
            tap.pump_all(wait)


def _end_quietly() -> None:
    """Take away Ray's handler of SIGTERM, which writes a stack trace whenever a pool is ended."""
    handler = signal.getsignal(signal.SIGTERM)
    is_authors = callable(handler) and not handler.__module__.startswith("ray.")
    if not is_authors and handler is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _aloud(kind: Kind, payload: str) -> None:
    os.write(2, f"{kind.value}: {payload}\n".encode())


_forks = _Forks()
_registered: list[_Forks] = []


def watch(renew_child: Callable[[], None]) -> None:
    """Look after the forks of this process; `renew_child` is called in each child."""
    _forks.in_children.append(renew_child)
    if not _registered:
        _registered.append(_forks)
        os.register_at_fork(
            before=_forks.before,
            after_in_parent=_forks.in_parent,
            after_in_child=_forks.in_child,
        )


def forget(renew_child: Callable[[], None]) -> None:
    """Do not call `renew_child` any more."""
    _forks.in_children.remove(renew_child)


def pump(wait: float) -> None:
    """Hand over what forked children have sent until now; for `wait` seconds at most."""
    _forks.pump(wait)
