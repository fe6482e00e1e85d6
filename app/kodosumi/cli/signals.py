"""Stopping on signals: once in good order, twice in haste."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

_STOP = {signal.SIGINT, signal.SIGTERM}
_ALL = _STOP | {signal.SIGHUP}
_HASTE = 130


class StopSignals:
    """Listens for SIGINT, SIGTERM and SIGHUP; `hasten` is called by each one after the first."""

    def __init__(self, hasten: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self._hasten = hasten

    def listen(self) -> None:
        """Take over the signals of this process, beyond the life of the running event loop.

        The loop's own handlers would give way to the system's when it closes, and a late signal
        would end the process as if nothing had been put in order.
        """
        loop = asyncio.get_running_loop()

        def take(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._take)

        for number in _ALL:
            signal.signal(number, take)

    def ignore(self) -> None:
        """Take no notice of signals any more: all is done, and the process is about to exit."""
        for number in _ALL:
            signal.signal(number, signal.SIG_IGN)

    def _take(self) -> None:
        if self.asked.is_set():
            self._hasten()
        self.asked.set()


def hold_signals() -> None:
    """Keep SIGINT and SIGTERM for `on_stop`. Call it before anything that starts threads.

    A process that joins Ray gets a handler of Ray's for SIGTERM, which ends it at once. Held
    signals reach no handler; `on_stop` fetches them. Child processes would inherit that.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)


def on_stop(act: Callable[[], object]) -> None:
    """Call `act` on the running event loop at the first signal; end the process at the second."""
    loop = asyncio.get_running_loop()

    def fetch() -> None:
        signal.sigwait(_STOP)
        loop.call_soon_threadsafe(act)
        signal.sigwait(_STOP)
        os._exit(_HASTE)

    threading.Thread(target=fetch, name="signals", daemon=True).start()
