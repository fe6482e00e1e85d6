"""Blocking calls in threads that may be given up.

Calls to a Ray that has just gone may never return. The loop's own pool would fill up with them, and
wait for them at exit.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def in_thread(seconds: float, work: Callable[..., T], *args: object) -> T:
    """Return what `work(*args)` returns, from a daemon thread of its own.

    Raises:
        TimeoutError: it took longer than `seconds`; its thread is left to itself.
    """
    future: Future[T] = Future()
    threading.Thread(target=_run, args=(future, work, args), daemon=True).start()
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(future)


def _run(future: Future[T], work: Callable[..., T], args: tuple[object, ...]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work(*args))
    except BaseException as exc:  # noqa: BLE001 - raised again where it is awaited
        future.set_exception(exc)
