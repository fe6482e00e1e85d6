"""A runner that is started before its job is known."""

import os
import threading
import time
from concurrent.futures import Future
from functools import cache
from typing import Any

import ray

from kodosumi.runtime.capture import Capture
from kodosumi.runtime.link import RayLink
from kodosumi.runtime.preload import Preloaded
from kodosumi.runtime.runner import Order, Runner, make_actor
from kodosumi.wire.ids import new_standby_name

PREPARATION = 900.0
"""Seconds that a runner may take to import the author's module."""

LEASE = 60.0
"""Seconds after which a runner that has not heard of its pool exits."""


class WaitingRunner(Runner):
    """The actor class. What the module prints is told by the job, as if it were imported then."""

    def __init__(self, namespace: str, module: str, lease: float) -> None:
        super().__init__()
        self._lease = lease
        self._lock = threading.Lock()
        self._until = time.monotonic() + PREPARATION
        threading.Thread(target=self._outlive_nobody, name="lease", daemon=True).start()
        self._capture = Capture.install()
        self._link = RayLink(namespace)
        self._link.greet()
        self._preloaded = Preloaded(module)
        self._renew()

    def ready(self) -> bool:
        """Tell whether a job may begin here; it is a sign of life of the pool, too."""
        self._renew()
        return self._preloaded.current and not self._begun.is_set()

    def _renew(self) -> None:
        with self._lock:
            self._until = time.monotonic() + self._lease

    def _outlive_nobody(self) -> None:
        """Exit when the pool is gone; nothing has run here yet."""
        while not self._begun.wait(self._lease / 12):
            with self._lock:
                if time.monotonic() > self._until:
                    os._exit(0)


class RayWaiting:
    """The handle of a `WaitingRunner`, for the pool that has ordered it; see `pool.Waiting`."""

    def __init__(self, namespace: str, module: str, lease: float = LEASE) -> None:
        self.name = new_standby_name()
        self.module = module
        self._actor = make_actor(_actor_class(), self.name, namespace, namespace, module, lease)
        self._first = self._latest = self._ask()

    @property
    def prepared(self) -> bool:
        """See `pool.Waiting`."""
        return self._first.done() and not self.dead

    @property
    def dead(self) -> bool:
        """See `pool.Waiting`."""
        return self._latest.done() and self._latest.exception() is not None

    @property
    def stale(self) -> bool:
        """See `pool.Waiting`."""
        return self._latest.done() and not self.dead and not self._latest.result()

    def answers(self, wait: float) -> bool:
        """See `pool.Waiting`."""
        try:
            return self._ask().result(wait)
        except Exception:  # noqa: BLE001 - it is dead, or too slow, or Ray is going away
            return False

    def beat(self) -> None:
        """See `pool.Waiting`. One that has not answered the last time is left alone."""
        if self._latest.done():
            self._latest = self._ask()

    def run(self, order: Order) -> None:
        """See `pool.Waiting`."""
        self._actor.run.remote(order)

    def release(self) -> None:
        """See `pool.Waiting`."""
        ray.kill(self._actor)

    def _ask(self) -> "Future[bool]":
        future: Future[bool] = self._actor.ready.remote().future()
        return future


@cache
def _actor_class() -> Any:
    return ray.remote(WaitingRunner)
