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
    """Makes values on request and keeps the latest of them; neither failures nor None are kept.

    `weigh` tells what a value takes of `room`.
    """

    def __init__(self, errands: Errands, room: int, weigh: Callable[[V], int]) -> None:
        self._errands = errands
        self._room = room
        self._weigh = weigh
        self._values: OrderedDict[K, V] = OrderedDict()
        self._making: dict[K, asyncio.Task[V]] = {}

    def find(self, key: K) -> V | None:
        """Return the value of `key` if it is kept."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    async def get(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the value of `key`, made by `make` unless somebody has asked before."""
        if (value := self.find(key)) is not None:
            return value
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = self._errands.start(self._make(key, make))
        return await asyncio.shield(task)

    async def _make(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        try:
            value = await make()
        finally:
            del self._making[key]
        if value is not None:
            self.keep(key, value)
        return value

    def keep(self, key: K, value: V) -> None:
        """Keep a value that was made elsewhere."""
        if key in self._values:
            self._room += self._weigh(self._values.pop(key))
        self._values[key] = value
        self._room -= self._weigh(value)
        while self._room < 0:
            self._room += self._weigh(self._values.popitem(last=False)[1])
