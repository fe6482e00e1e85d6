"""Stopping on signals: once in good order, twice in haste."""

import asyncio
import signal
from collections.abc import Callable

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Listens for SIGINT, SIGTERM and SIGHUP; `hasten` is called by each one after the first."""

    def __init__(self, hasten: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self._hasten = hasten

    def listen(self) -> None:
        """Take over the signals of this process."""
        loop = asyncio.get_running_loop()
        for number in _NUMBERS:
            loop.add_signal_handler(number, self._take)

    def _take(self) -> None:
        if self.asked.is_set():
            self._hasten()
        self.asked.set()
