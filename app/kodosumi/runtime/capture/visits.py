"""What runs in a worker for a task or an actor of a job.

A worker may run tasks of several jobs, one after the other, so a task's output is captured while it
runs. An actor has a process of its own; it belongs to the job that made it.
"""

import asyncio
import functools
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kodosumi.runtime.capture.capture import Capture
from kodosumi.runtime.link import Postbox, attach
from kodosumi.runtime.marks import Role, adopt_orphans, wear
from kodosumi.runtime.owners import is_owned

PATIENCE = 5.0
"""Seconds that the end of a task waits for the mailbox: after it, the worker may be ended."""

_Items = Generator[Any, Any, Any]

log = logging.getLogger(__name__)


class _Visit(NamedTuple):
    """Whom this process works for."""

    job: str
    postbox: Postbox
    capture: Capture


_here: list[_Visit] = []  # one at most


def carried(content: Any, job: str, namespace: str) -> Any:
    """Return the function or class `content` as it runs for `job`."""
    return (_class if inspect.isclass(content) else _function)(content, job, namespace)


def _function(function: Callable[..., Any], job: str, namespace: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with visiting(job, namespace):
            result = function(*args, **kwargs)
        return _generated(result, job, namespace) if inspect.isgenerator(result) else result

    return run


def _generated(items: _Items, job: str, namespace: str) -> _Items:
    with visiting(job, namespace):
        return (yield from items)


@contextmanager
def visiting(job: str, namespace: str) -> Iterator[None]:
    """Capture the output of this worker for `job` inside the block."""
    visit = None if _works_for(job) else _arrive(job, namespace)
    take_off = wear(job, Role.TASK) if visit else lambda: None
    try:
        yield
    finally:
        take_off()
        if visit:
            visit.capture.finish()
            delivered()
            _here[:] = [other for other in _here if other is not visit]


def _works_for(job: str) -> bool:
    return any(visit.job == job for visit in _here)


def _arrive(job: str, namespace: str) -> _Visit | None:
    while _here:  # a generator of another job that was not read to its end
        _here.pop().capture.finish()
    try:
        postbox = attach(job, namespace)
        capture = Capture.install()
        capture.begin(postbox)
    except Exception:  # whatever fails here must not fail the author's code
        log.exception("the output of a task of job %s is not captured", job)
        return None
    _here.append(_Visit(job, postbox, capture))
    return _here[0]


def delivered() -> None:
    """Wait until the mailbox has what was emitted here."""
    for visit in _here:
        visit.postbox.outbox.sent(PATIENCE)


def _class(cls: type, job: str, namespace: str) -> type:
    made_by: Callable[..., None] = getattr(cls, "__init__")  # noqa: B009 - as cls makes it

    @functools.wraps(made_by)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if not _works_for(job):
            _arrive(job, namespace)
            if is_owned():
                wear(job, Role.ACTOR)
                adopt_orphans()
        try:
            made_by(self, *args, **kwargs)
        finally:
            delivered()

    body = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    methods = {name: _method(member) for name, member in _own_methods(cls)}
    return type(cls)(cls.__name__, (cls,), {**body, **methods, "__init__": __init__})


def _own_methods(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, member in inspect.getmembers(cls, inspect.isfunction):
        is_static = isinstance(inspect.getattr_static(cls, name), staticmethod)
        if not name.startswith("__") and not is_static:
            yield name, member


def _method(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `method`, which is over when what it emitted is delivered: of the same nature."""
    if inspect.iscoroutinefunction(method):
        return _coroutine(method)
    if inspect.isasyncgenfunction(method):
        return _async_generator(method)
    if inspect.isgeneratorfunction(method):
        return _generator(method)

    @functools.wraps(method)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        finally:
            delivered()

    return run


def _coroutine(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return await method(*args, **kwargs)
        finally:
            await asyncio.to_thread(delivered)

    return run


def _generator(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(*args: Any, **kwargs: Any) -> _Items:
        try:
            return (yield from method(*args, **kwargs))
        finally:
            delivered()

    return run


def _async_generator(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def run(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        try:
            async for item in method(*args, **kwargs):
                yield item
        finally:
            await asyncio.to_thread(delivered)

    return run
