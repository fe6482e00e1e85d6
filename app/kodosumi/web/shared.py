"""Work that goes on when the one who asked for it leaves, and that is done once for many."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Errands:
    """Runs coroutines to their end: a database connection is never left in the middle."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, V]) -> asyncio.Task[V]:
        """Return `work` as a task that `settle` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def run(self, work: Coroutine[Any, Any, V]) -> V:
        """Return what `work` returns; it goes on when this is cancelled."""
        return await asyncio.shield(self.start(work))

    async def settle(self) -> None:
        """Wait until all that was started has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Shared(Generic[K, V]):
    """Makes values on request and keeps the latest `size` of them; failures are not kept."""

    def __init__(self, size: int, errands: Errands) -> None:
        self._size = size
        self._errands = errands
        self._tasks: OrderedDict[K, asyncio.Task[V]] = OrderedDict()

    async def get(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the value of `key`, made by `make` unless somebody has asked before."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = self._errands.start(make())
            self._shrink()
        else:
            self._tasks.move_to_end(key)
        try:
            return await asyncio.shield(task)
        except Exception:
            self.drop(key)
            raise

    def drop(self, key: K) -> None:
        """Forget the value of `key`."""
        self._tasks.pop(key, None)

    def _shrink(self) -> None:
        while len(self._tasks) > self._size:
            self._tasks.popitem(last=False)
