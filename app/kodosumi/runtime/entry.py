"""Entry points: from a name or an object to something that can be called with a job's inputs."""

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from kodosumi.runtime.crew import is_crew, run_crew
from kodosumi.sdk.errors import KodosumiError
from kodosumi.sdk.tracer import Tracer

OFFERS = ("inputs", "tracer")


def resolve(entry_point: object) -> Any:
    """Return the object that `"package.module:object"` or `"package.module.object"` names.

    Objects are returned as they are.

    Raises:
        KodosumiError: there is no such module or object; an error inside the module is let through.
    """
    if not isinstance(entry_point, str):
        return entry_point
    module_name, _, path = entry_point.partition(":")
    if not path:
        module_name, _, path = entry_point.rpartition(".")
    target: Any = _module(module_name, entry_point)
    for name in path.split("."):
        if not hasattr(target, name):
            msg = f"The entry point {entry_point} does not exist: {module_name} has no {name!r}."
            raise KodosumiError(msg)
        target = getattr(target, name)
    return target


def _module(name: str, entry_point: str) -> object:
    if not name:
        msg = f"The entry point {entry_point!r} is not of the form package.module:object."
        raise KodosumiError(msg)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name and (name == exc.name or name.startswith(f"{exc.name}.")):
            msg = (
                f"The entry point {entry_point} does not exist: Ray finds no module {exc.name!r}. "
                "Start Ray with the service's folder in PYTHONPATH, or name it in the runtime_env."
            )
            raise KodosumiError(msg) from exc
        raise


def describe(entry_point: object) -> str:
    """Return the name under which `entry_point` is shown."""
    if isinstance(entry_point, str):
        return entry_point
    named = entry_point if hasattr(entry_point, "__qualname__") else type(entry_point)
    return f"{named.__module__}:{named.__qualname__}"


def bind(target: Any, inputs: Mapping[str, Any], tracer: Tracer) -> Callable[[], Awaitable[Any]]:
    """Return a coroutine function that runs `target` with what it asks for.

    A sync function runs in the thread of the returned coroutine, and blocks its loop: the runner
    gives each job a thread and a loop of its own.

    Raises:
        KodosumiError: the target cannot be called, or asks for an argument that nobody gives.
    """
    if is_crew(target):
        return lambda: run_crew(target, dict(inputs), tracer)
    if not callable(target):
        msg = f"The entry point is no function but a {type(target).__name__}."
        raise KodosumiError(msg)
    given = _arguments(target, {"inputs": inputs, "tracer": tracer})

    async def call() -> Any:
        result = target(**given)
        return await result if inspect.isawaitable(result) else result

    return call


def _arguments(target: Callable[..., Any], offers: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(target).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return offers
    missing = [
        p.name
        for p in parameters
        if p.name not in offers and p.default is p.empty and p.kind is not p.VAR_POSITIONAL
    ]
    if missing:
        msg = (
            f"The entry point asks for {', '.join(missing)}, which nobody gives: "
            "it may take `inputs` and `tracer`."
        )
        raise KodosumiError(msg)
    return {p.name: offers[p.name] for p in parameters if p.name in offers}


class Execution:
    """The author's code, run in a thread with an event loop of its own."""

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self._call = call
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False

    def run(self) -> Any:
        """Run to the end in this thread; return or raise what the code does."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            return runner.run(self._main())

    def cancel(self) -> None:
        """Raise CancelledError in async code at its next await; from any thread."""
        self._cancelled = True
        if self._task:
            with suppress(RuntimeError):  # the loop is closed: the code has ended
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def _main(self) -> Any:
        self._task = asyncio.current_task()
        if self._cancelled:
            raise asyncio.CancelledError
        return await self._call()
