"""Work that many ask for at the same time is done once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shared(Generic[K, V]):
    """Makes values on request and keeps the latest `size` of them; failures are not kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._tasks: OrderedDict[K, asyncio.Future[V]] = OrderedDict()

    async def get(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        """Return the value of `key`, made by `make` unless somebody has asked before."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.ensure_future(make())
            self._tasks[key] = task
            self._shrink()
        else:
            self._tasks.move_to_end(key)
        try:
            # Who asked first may leave: the others still wait for it.
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
