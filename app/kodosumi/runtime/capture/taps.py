"""Taps: reading what others write into a pipe, without ever being stuck with it."""

import _thread
import fcntl
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress

CUP = 65_536
"""Bytes that are read at once."""

ROOM = 262_144
"""Bytes that a pipe holds. One user may have 64 MB in pipes before Linux makes new ones small."""

CUPS = 2 + ROOM // CUP

_SET_SIZE = 1031  # F_SETPIPE_SZ of Linux


def widen(pipe: int) -> None:
    """Let a pipe hold `ROOM` bytes, where the system lets it."""
    with suppress(OSError):
        fcntl.fcntl(pipe, _SET_SIZE, ROOM)


class Tap:
    """The reading end of a pipe. A thread hands over what arrives, until all writers are gone.

    `take` gets the bytes, in order, one call at a time; `settle` may wait after each, which slows
    the writers down. Who needs to have what is in the pipe now calls `pump`.
    """

    def __init__(self, fd: int, take: Callable[[bytes], None], settle: Callable[[], None]) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._take = take
        self._settle = settle
        self._lock = threading.RLock()
        self.reading = False  # or handing over what has been read
        self.closed = False
        self._dry = False
        _thread.start_new_thread(self._run, ())  # Thread.start waits until it runs

    def pump(self, wait: float = -1) -> bool:
        """Hand over what is in the pipe now, one cup at most; return False if there was nothing.

        Waits at most `wait` seconds for another thread that is just at it; without end if negative.
        """
        if not self._lock.acquire(timeout=wait):
            return False
        try:
            return not self.reading and not self._dry and self._read()
        finally:
            self._lock.release()

    def pump_all(self, wait: float) -> None:
        """Hand over what is in the pipe now, for about `wait` seconds at most.

        That is no more than a pipe holds: whoever goes on writing does not keep us here.
        """
        until = time.monotonic() + wait
        for _ in range(CUPS):
            if not self.pump(max(0, until - time.monotonic())):
                break

    def close(self) -> None:
        """Close the reading end, unless it is closed: in a forked child, where nothing reads it.

        Does not take the lock, which a thread that the child has not got may hold for ever.
        """
        if not self.closed:
            self.closed = True  # first: a child forked in between must not close the next file
            os.close(self._fd)

    def _read(self) -> bool:
        self.reading = True  # what takes the bytes may print, and come here again
        try:
            data = os.read(self._fd, CUP)
            self._dry = not data
            if data:
                self._take(data)
        except BlockingIOError:
            return False
        finally:
            self.reading = False
        return bool(data)

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while not self._dry:
            poll.poll()
            if self.pump():
                self._settle()
        with self._lock:
            self.close()
