"""Entry points: from a name or an object to something that can be called with a job's inputs."""

import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kodosumi.runtime.crew import is_crew, run_crew
from kodosumi.sdk.errors import KodosumiError
from kodosumi.sdk.tracer import Tracer


def resolve(entry_point: object) -> Any:
    """Return the object that `"package.module:object"` or `"package.module.object"` names.

    Objects are returned as they are.

    Raises:
        KodosumiError: there is no such module or object; an error inside the module is let through.
    """
    if not isinstance(entry_point, str):
        return entry_point
    module_name, path = _parts(entry_point)
    target: Any = _module(module_name, entry_point)
    for name in path.split("."):
        if not hasattr(target, name):
            msg = f"The entry point {entry_point} does not exist: {module_name} has no {name!r}."
            raise KodosumiError(msg)
        target = getattr(target, name)
    return target


def module_of(entry_point: object) -> str:
    """Return the module that is imported to have `entry_point`, "" if none is.

    Objects that are no functions or classes at the top of a module travel by their value.
    """
    if isinstance(entry_point, str):
        return _parts(entry_point)[0]
    path = getattr(entry_point, "__qualname__", "<")
    module = getattr(entry_point, "__module__", None)
    return "" if "<" in path or module in {None, "__main__"} else str(module)


def _parts(entry_point: str) -> tuple[str, str]:
    """Return the name of the module, and that of the object in it."""
    module, _, path = entry_point.partition(":")
    if not path:
        module, _, path = entry_point.rpartition(".")
    return module, path


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
