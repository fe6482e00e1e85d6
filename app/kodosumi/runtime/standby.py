"""Runners that are ready before a job asks for one.

A process in Ray takes seconds to start. So a process that launches keeps runners that have started
already, in its own runtime environment and with the module of the entry point imported. A launch
takes one, and the next is ordered. A runner serves one job only. One that does not answer at once
is done without: then the job's runner is started as if there were no standby.
"""

import logging
import os
import threading
import time
from functools import cache

import ray

from kodosumi.runtime.names import namespace
from kodosumi.runtime.pool import Pool, Waiting
from kodosumi.runtime.runner import Order, start_runner
from kodosumi.runtime.waiting import RayWaiting

SIZE = "KODO_STANDBY"
"""The variable that tells how many runners wait for each module; 0 for none."""

IDLE = "KODO_STANDBY_IDLE"
"""The variable that tells for how many seconds after a launch runners wait."""

BEAT = 20.0
"""Seconds between two signs of life."""

PAUSE = 0.3
"""Seconds before the next runner is ordered: the job that was launched begins first."""

log = logging.getLogger(__name__)


def begin(order: Order, module: str) -> str:
    """Have a runner execute `order`, whose entry point is in `module`; return its actor's name."""
    keeper = _keeper()
    waiting = keeper.take(module)
    keeper.expect(module)
    if waiting is None:
        return start_runner(order)
    waiting.run(order)
    return waiting.name


def expect(module: str) -> None:
    """Have runners wait for `module` from now on, or for any with ""; returns at once."""
    _keeper().expect(module)


def release() -> None:
    """End the runners that wait in vain, since this process will launch no more."""
    _keeper().release()


def _keeper() -> "_Keeper":
    with _lock:
        return _the_keeper()


@cache
def _the_keeper() -> "_Keeper":
    return _Keeper()


_lock = threading.Lock()
"""Two launches at once must not make two keepers."""


class _Keeper:
    """The pool of this process, and the thread that tends it. Nothing here is raised or waits."""

    def __init__(self) -> None:
        self._pool = Pool(_make, int(_number(SIZE, 1)), _number(IDLE, 1800))
        self._news = threading.Event()
        threading.Thread(target=self._keep, name="standby", daemon=True).start()

    def take(self, module: str) -> Waiting | None:
        try:
            return self._pool.take(module)
        except Exception:
            log.exception("no standby could be taken")
            return None

    def expect(self, module: str) -> None:
        self._pool.expect(module)
        self._news.set()

    def release(self) -> None:
        self._pool.forget()
        self._tend()

    def _keep(self) -> None:
        while True:
            if self._news.wait(BEAT):
                time.sleep(PAUSE)
            self._news.clear()
            self._tend()

    def _tend(self) -> None:
        try:
            if ray.is_initialized():
                self._pool.tend()
        except Exception:
            log.exception("the standbys could not be tended")
            self._pool.forget()


def _make(module: str) -> Waiting:
    return RayWaiting(namespace(), module)


def _number(name: str, default: float) -> float:
    value = os.environ.get(name, "")
    try:
        return float(value) if value else default
    except ValueError:
        log.warning("%s is no number but %r; it is taken as %g", name, value, default)
        return default
