"""The waiting runners of a process that launches, without Ray."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from kodosumi.runtime.runner import Order

MODULES = 3
"""Modules for which runners wait at the same time."""

ANSWER = 0.25
"""Seconds that a waiting runner has to say that it is ready, when a launch asks."""


class Waiting(Protocol):
    """A runner that has been ordered. `module` is what it imports in advance, "" for nothing."""

    name: str
    module: str

    @property
    def prepared(self) -> bool:
        """True once its module is imported."""
        ...

    @property
    def dead(self) -> bool:
        """True when it is known to be gone, or could not be started."""
        ...

    @property
    def stale(self) -> bool:
        """True when the author's files have changed since they were imported."""
        ...

    def answers(self, wait: float) -> bool:
        """Tell whether it says within `wait` seconds that it is ready."""
        ...

    def beat(self) -> None:
        """Let it know that its pool is there. Does not wait."""
        ...

    def run(self, order: Order) -> None:
        """Have it execute `order`. Does not wait."""
        ...

    def release(self) -> None:
        """End it."""
        ...


class Pool:
    """The runners that wait for jobs of this process; usable from any thread.

    `make` orders a runner for a module. For each of the modules that were asked for last, `size`
    runners are kept, until `idle` seconds after it was asked for.
    """

    def __init__(
        self,
        make: Callable[[str], Waiting],
        size: int,
        idle: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._size = size
        self._idle = idle
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}  # by module: when; the latest last
        self._there: list[Waiting] = []

    def expect(self, module: str) -> None:
        """Keep runners for `module` from now on; see `tend`."""
        with self._lock:
            for old in (module, ""):
                self._asked.pop(old, None)
            self._asked[module] = self._clock()
            for old in list(self._asked)[:-MODULES]:
                del self._asked[old]

    def take(self, module: str) -> Waiting | None:
        """Return a runner that is ready to execute an entry point of `module`, if there is one."""
        until = self._clock() + ANSWER
        while (left := until - self._clock()) > 0 and (found := self._pick(module)):
            if found.answers(left):
                return found
            found.release()
        return None

    def forget(self) -> None:
        """Keep no runners until some are expected again; see `tend`."""
        with self._lock:
            self._asked.clear()

    def tend(self) -> None:
        """End runners that are of no use, order those that are missing, let the others know."""
        for waiting in self._useless():
            waiting.release()
        for module in self._missing():
            made = self._make(module)
            with self._lock:
                self._there.append(made)
        for waiting in self._kept():
            waiting.beat()

    def _pick(self, module: str) -> Waiting | None:
        """Take one out. One that has imported another module would not be as if started anew."""
        with self._lock:
            fit = [w for w in self._there if w.module in {module, ""} and w.prepared]
            best = max(fit, key=lambda w: w.module == module, default=None)
            if best:
                self._there.remove(best)
            return best

    def _useless(self) -> list[Waiting]:
        """Take out what is dead, changed, or for a module that is no longer asked for."""
        with self._lock:
            self._lose_interest()
            useless = [w for w in self._there if w.dead or w.stale or w.module not in self._asked]
            self._there = [w for w in self._there if w not in useless]
            return useless

    def _lose_interest(self) -> None:
        """Give up what was not asked for long, and what cannot be imported, until it is again."""
        oldest = self._clock() - self._idle
        broken = {w.module for w in self._there if w.dead}
        for module, asked in list(self._asked.items()):
            if asked < oldest or module in broken:
                del self._asked[module]

    def _missing(self) -> list[str]:
        with self._lock:
            there = [w.module for w in self._there]
            return [m for m in self._asked for _ in range(self._size - there.count(m))]

    def _kept(self) -> list[Waiting]:
        with self._lock:
            return list(self._there)
