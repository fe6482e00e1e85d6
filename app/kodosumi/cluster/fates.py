"""Why a runner is gone, in words for people: what Ray's table of actors says of its death."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kodosumi.cluster.ray_tables import Actor, Worker
from kodosumi.domain.ports import Fate
from kodosumi.wire.states import JobStatus

SAID = 240
"""Characters of Ray's own words that are shown."""

STOPPED = Fate(
    JobStatus.LOST,
    "Ray was stopped, and what ran on it ended: this Ray does not know its runner. Launch it anew.",
)

_EXIT_CODE = re.compile(r"exit code:? ([1-9]\d*)", re.IGNORECASE)
_USED = re.compile(r"was ([\d.]+)GB used / ([\d.]+)GB limit")
_ERROR = re.compile(r"^\w[\w.]*(?:Error|Exception)\b:? *.*", re.MULTILINE)
_NO_WORDS = ("connection error code", "unexpectedly exits", "has been unexpectedly killed")
_MEMORY = ("low on memory", "memory monitor", "out of memory")


def fate_of(runner: str, actors: Sequence[Actor], workers: Sequence[Worker]) -> Fate | None:
    """Return why the actor named `runner` is gone; None if it is not, or Ray does not say.

    An empty table says nothing: Ray always has the mailbox.
    """
    if not actors:
        return None
    row = next((row for row in reversed(actors) if row.name == runner), None)
    if row is None:
        return STOPPED
    if not row.dead:
        return None
    context = row.cause.WhichOneof("context")
    tell = _CONTEXTS.get(context)
    said = next((worker.exit for worker in workers if worker.id == row.worker), "")
    return tell(getattr(row.cause, context), said, row) if tell else None


def _environment(context: Any, _said: str, _row: Actor) -> Fate:
    return _own_doing(
        f"Its runtime environment could not be set up: {_last_error(context.error_message)}"
    )


def _initialisation(context: Any, said: str, _row: Actor) -> Fate:
    text = _last_error(context.formatted_exception_string or said)
    return _own_doing(f"Its runner could not begin: {text}")


def _unschedulable(context: Any, _said: str, _row: Actor) -> Fate:
    return _own_doing(f"No node could take its runner: {_short(context.error_message)}")


def _memory(context: Any, said: str, row: Actor) -> Fate:
    used = _USED.search(f"{said} {context.error_message}")
    figures = f" ({used[1]} of {used[2]} GB were in use)" if used else ""
    return Fate(
        JobStatus.LOST,
        f"{_node(row).capitalize()} ran out of memory{figures}, and Ray ended the job to save the "
        "others. Give the node more memory, or have the job keep less at once.",
    )


def _death(context: Any, said: str, row: Actor) -> Fate:
    message = f"{said} {context.error_message}"
    if context.node_death_info.ByteSize() or _reason(context) == "NODE_DIED":
        return _node_death(context, row)
    if any(words in said.lower() for words in _MEMORY) and "common causes" not in said:
        return _memory(context, said, row)
    if _reason(context) == "RAY_KILL":
        return Fate(JobStatus.LOST, "It was ended through Ray (ray.kill), not by this panel.")
    if "SIGTERM" in message:
        return Fate(JobStatus.LOST, f"Its process on {_node(row)} was told to end (SIGTERM).")
    if code := _EXIT_CODE.search(message):
        return _own_doing(f"Its process ended with exit code {code[1]}, without a result.")
    return _without_words(message, row)


def _node_death(context: Any, row: Actor) -> Fate:
    said = _short(context.node_death_info.reason_message)
    tail = f" Ray says: {said}" if said else ""
    return Fate(
        JobStatus.LOST, f"{_node(row).capitalize()} is gone, with all that ran on it.{tail}"
    )


def _without_words(message: str, row: Actor) -> Fate:
    if any(words in message for words in _NO_WORDS):
        return Fate(
            JobStatus.LOST,
            f"Its process on {_node(row)} ended from one moment to the next: it crashed in native "
            "code, or was killed from outside (SIGKILL), as the system does when memory runs out.",
        )
    return Fate(JobStatus.LOST, f"Its process on {_node(row)} is gone. Ray says: {_short(message)}")


def _own_doing(reason: str) -> Fate:
    return Fate(JobStatus.ERROR, reason)


def _node(row: Actor) -> str:
    return f"node {row.node[:8]}" if row.node.strip("f") else "its node"


def _reason(context: Any) -> str:
    field = context.DESCRIPTOR.fields_by_name["reason"]
    return str(field.enum_type.values_by_number[context.reason].name)


def _last_error(text: str) -> str:
    """Return the line of a traceback that tells the error, or else the beginning of the text."""
    errors = _ERROR.findall(text)
    return _short(errors[-1] if errors else text)


def _short(text: str) -> str:
    """Return the beginning of what Ray says, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= SAID else f"{line[:SAID].rstrip()} …"


_CONTEXTS: Mapping[str, Callable[[Any, str, Actor], Fate]] = {
    "runtime_env_failed_context": _environment,
    "creation_task_failure_context": _initialisation,
    "actor_unschedulable_context": _unschedulable,
    "oom_context": _memory,
    "actor_died_error_context": _death,
}
