"""Runs a crew in a thread of its own and tells what it does."""

import asyncio
import contextvars
import inspect
import logging
import os
import sys
import threading
from concurrent.futures import Future
from importlib import import_module
from typing import Any

from pydantic_core import to_jsonable_python

from kodosumi.runtime.crew.narrator import Narrator
from kodosumi.sdk.tracer import Tracer

QUIET = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
}
"""What keeps CrewAI from calling home; authors may set these variables otherwise."""


def is_crew(obj: object) -> bool:
    """Tell whether `obj` is a CrewAI crew, or a class or instance decorated with `@CrewBase`."""
    if getattr(obj, "is_crew_class", False) is True:
        return True
    crewai = sys.modules.get("crewai.crew")
    return crewai is not None and isinstance(obj, crewai.Crew)


async def run_crew(obj: object, inputs: dict[str, Any], tracer: Tracer) -> object:
    """Kick off the crew `obj` (see `is_crew`) with `inputs` and return its `CrewOutput`.

    Agents, tasks, steps, tool and model calls become `agent` events, tokens `usage` events. When
    this call is cancelled, the crew stops at the next thing that it does. Exceptions of the crew
    are raised as they are.
    """
    silence()
    narrator = Narrator(tracer)
    outcome = _in_thread(obj, to_jsonable_python(inputs, fallback=str), narrator)
    try:
        return await asyncio.wrap_future(outcome)
    except asyncio.CancelledError:
        narrator.stop()
        raise


def silence() -> None:
    """Keep CrewAI from calling home, and from warning of its own token estimate at each call."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    logging.getLogger("crewai.llms.base_llm").setLevel(logging.ERROR)


def _in_thread(obj: object, inputs: dict[str, Any], narrator: Narrator) -> Future[object]:
    """Start the crew in a daemon thread: one that cannot keep a cancelled job's process alive."""
    outcome: Future[object] = Future()
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            outcome.set_result(_kick_off(obj, inputs, narrator))
        except BaseException as exc:  # noqa: BLE001 - the caller's to judge
            outcome.set_exception(exc)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name="crew", daemon=True).start()
    return outcome


def _kick_off(obj: object, inputs: dict[str, Any], narrator: Narrator) -> object:
    crew = _crew_of(obj)
    narrator.crew = crew
    _subscribe(narrator)
    output = crew.kickoff(inputs=inputs)
    if getattr(crew, "stream", False):
        for _ in output:
            """The pieces come as events."""
        output = output.result
    return output


def _crew_of(obj: Any) -> Any:
    """Return the crew itself; a class decorated with `@CrewBase` is instantiated for it."""
    if not getattr(obj, "is_crew_class", False):
        return obj
    base: Any = obj() if inspect.isclass(obj) else obj
    return base.crew()


def _subscribe(narrator: Narrator) -> None:
    """Let `narrator` hear the events of this context, in order, as they happen.

    CrewAI's event bus hands events to a pool of threads, which loses their order, and has one
    set of listeners per process; its stream sinks have neither fault. They came with 1.15.
    """
    try:
        sinks = import_module("crewai.events.stream_context")
    except ImportError:
        narrator.announce()
        narrator.note("This version of CrewAI does not tell what it does; 1.15 and newer do.")
    else:
        sinks.add_stream_sink(narrator.hear)
