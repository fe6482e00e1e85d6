"""ServeAPI as authors get it: while the app serves, a runner waits for the first launch."""

import inspect
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import ray
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from kodosumi.runtime import standby
from kodosumi.runtime.routes import function_of
from kodosumi.sdk import serve_api

_ENTRY_POINT = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_]\w*(?:\.\w+)*")


class ServeAPI(serve_api.ServeAPI):
    """A FastAPI app with services in it, for Ray Serve or for uvicorn alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.router.lifespan_context = Serving(self.router.lifespan_context)


class Serving:
    """A lifespan around the author's."""

    def __init__(self, inner: Callable[[Any], AbstractAsyncContextManager[Any]]) -> None:
        self._inner = inner

    @asynccontextmanager
    async def __call__(self, app: FastAPI) -> AsyncIterator[Any]:
        """Have a runner wait from the app's start to its end, if this process is part of Ray."""
        if ray.is_initialized():
            standby.expect(likely_module(app))
        try:
            async with self._inner(app) as state:
                yield state
        finally:
            await run_in_threadpool(standby.release)


def likely_module(app: FastAPI) -> str:
    """Return the module that the first launch will need, if the app's functions name just one.

    They name it in the text that is given to `Launch`, as "package.module:object". Otherwise "".
    """
    named = {module for route in app.routes for module in _named(function_of(route))}
    return named.pop() if len(named) == 1 else ""


def _named(function: object) -> list[str]:
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    texts = [text for text in getattr(code, "co_consts", ()) if isinstance(text, str)]
    return [found[1] for text in texts if (found := _ENTRY_POINT.fullmatch(text))]
