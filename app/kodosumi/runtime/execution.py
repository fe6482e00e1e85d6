"""The author's code, run in a thread with an event loop of its own."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

LEFT = 10.0
"""Seconds that what the code has left running (tasks, threads of the loop) has to end."""


class Execution:
    """One run of the code behind `call`."""

    def __init__(self, call: Callable[[], Awaitable[Any]], left: float = LEFT) -> None:
        self._call = call
        self._left = left
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False
        self._returned = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> Any:
        """Return or raise what the code does.

        The thread is a daemon: what the code leaves running cannot keep the process from exiting.
        """
        thread = threading.Thread(target=self._work, name="job", daemon=True)
        thread.start()
        self._returned.wait()
        thread.join(self._left)
        if thread.is_alive():
            sys.stderr.write(f"{_LEFT_BEHIND.format(self._left)}\n")
        if self._error:
            raise self._error
        return self._value

    def cancel(self) -> None:
        """Raise CancelledError in async code at its next await; from any thread."""
        self._cancelled = True
        if self._task:
            with suppress(RuntimeError):  # the loop is closed: the code has ended
                self._loop.call_soon_threadsafe(self._task.cancel)

    def _work(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        finally:
            self._returned.set()

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        try:
            if self._cancelled:
                self._error = asyncio.CancelledError()
            else:
                self._value = await self._call()
        except BaseException as exc:  # noqa: BLE001 - raised again by `run`
            self._error = exc
        finally:
            self._returned.set()


_LEFT_BEHIND = "The code has returned, but what it left running did not end within {:g} s."
