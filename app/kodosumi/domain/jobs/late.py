"""Changes that must not be lost although the database takes none now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from kodosumi.domain.outage import OutageError

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two tries."""


class Late:
    """Tries each change until the database takes it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, name: str, work: Callable[[], Awaitable[Any]]) -> None:
        """Do `work` as soon as possible; `name` says in the log what would be lost."""
        task = asyncio.create_task(_until_done(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def give_up(self) -> None:
        """Forget what could not be done; to be called at the panel's end."""
        for task in list(self._tasks):
            task.cancel()
            log.error("not noted before the end: %s", task.get_name())
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _until_done(name: str, work: Callable[[], Awaitable[Any]]) -> None:
    while True:
        await asyncio.sleep(PAUSE)
        try:
            await work()
        except OutageError:
            continue
        except Exception:
            log.exception("cannot be noted: %s", name)
        return
