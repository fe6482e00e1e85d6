"""Events as lines of a log: numbered, worded, ready for a template or a text file."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from markupsafe import escape

from kodosumi.domain.jobs.gone import why
from kodosumi.domain.jobs.pages import Stored
from kodosumi.web import ansi
from kodosumi.web.render import Page
from kodosumi.web.words import span
from kodosumi.wire.events import Kind, Progress, Status, Step, Usage, load

FOLD = 8_000
"""Characters of a line that are shown; the rest is in the raw log."""

LARGE = 1_000_000
"""Characters of a payload beyond which only its beginning is looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event to show. `text` is plain and at most FOLD long, `cut` is roughly what it lacks.

    `data` is the checked payload, or the raw text where `problem` says that it cannot be read.
    """

    seq: int
    at: float
    kind: str
    text: str
    data: Any
    cut: int = 0
    problem: bool = False


@dataclass(frozen=True)
class Rows(Page):
    """Rows of the log."""

    template: ClassVar[str] = "jobs/_rows.html"
    lines: Sequence[Line]


@dataclass(frozen=True)
class Results(Page):
    """Partial results, actions and the final value, in order."""

    template: ClassVar[str] = "jobs/_results.html"
    results: Sequence[Line]


_ROW = 180
"""Bytes of a row beside its text."""

RESULTS = frozenset({Kind.RESULT, Kind.ACTION, Kind.FINAL})
"""The kinds that the result tab shows."""


def lines_of(events: Iterable[Stored]) -> list[Line]:
    """Return events as lines."""
    return [line_of(event) for event in events]


def line_of(event: Stored) -> Line:
    """Return an event as a line; a payload that cannot be read is shown as it is."""
    if len(event.payload) > LARGE:
        return _large(event)
    try:
        data = load(event.kind, event.payload)
        text = _TEXTS.get(event.kind, _as_json)(data)
        problem = False
    except (ValueError, StopIteration):
        data = text = event.payload
        problem = True
    cut = max(0, len(text) - FOLD)
    return Line(event.seq, event.at, event.kind, text[:FOLD], data, cut, problem)


def _large(event: Stored) -> Line:
    """Return the beginning of an event: to read all of it would keep everybody waiting."""
    text = event.payload[:FOLD]
    cut = len(event.payload) - FOLD
    return Line(event.seq, event.at, event.kind, text, text, cut, problem=True)


def weight(line: Line) -> int:
    """Return how many bytes of HTML a line takes, roughly."""
    return _ROW + len(escape(line.text).encode())


def full_text(event: Stored) -> str:
    """Return an event as text for the raw log: output as it was, other kinds with their name."""
    try:
        text = _TEXTS.get(event.kind, _as_json)(load(event.kind, event.payload))
    except (ValueError, StopIteration):
        text = event.payload
    return text if event.kind in _OUTPUT else f"[{event.kind}] {text}"


def plain(value: dict[str, Any]) -> str:
    """Return a typed value `{"TypeName": …}` as text."""
    body = next(iter(value.values()))
    if isinstance(body, dict):
        for key in ("body", "raw"):
            if isinstance(body.get(key), str):
                return str(body[key])
    return body if isinstance(body, str) else _as_json(body)


def _as_json(value: Any) -> str:
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_none=True)
    return json.dumps(value, ensure_ascii=False)


def _status(status: Status) -> str:
    by = f" by {status.by}" if status.by else ""
    return f"{status.status}{by}: {why(status.reason, status.ended)}".removesuffix(": ")


def _agent(value: dict[str, Any]) -> str:
    """Word what an agent does (see wire/agents.py) in one line."""
    name, body = next(iter(value.items()))
    word = _AGENT_WORDS.get(name)
    return word(body) if word and isinstance(body, dict) else f"{name}: {plain(value)}"


def _said(body: dict[str, Any], *keys: str) -> str:
    return " · ".join(str(body[key]) for key in keys if body.get(key))


def _took(body: dict[str, Any]) -> str:
    seconds = body.get("seconds")
    error = f" · failed: {body['error']}" if body.get("error") else ""
    return (f" · {span(seconds)}" if isinstance(seconds, int | float) else "") + error


_AGENT_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "Agent": lambda b: f"Agent {_said(b, 'role', 'goal', 'model')}",
    "Task": lambda b: f"Task {_said(b, 'name', 'agent', 'description')}",
    "Step": lambda b: f"{_said(b, 'agent', 'task', 'state')}{_took(b)}",
    "ToolCall": lambda b: f"{_said(b, 'agent', 'tool')}({_as_json(b.get('args'))}){_took(b)}",
    "LLMCall": lambda b: f"{_said(b, 'agent', 'model')}{_tokens(b)}{_took(b)}",
    "TaskOutput": lambda b: f"{_said(b, 'agent', 'name')}: {b.get('raw') or ''}",
}


def _tokens(body: dict[str, Any]) -> str:
    counts = ((body.get("input_tokens"), "in"), (body.get("output_tokens"), "out"))
    known = [f"{count} {way}" for count, way in counts if count is not None]
    return f" · {', '.join(known)} tokens" if known else ""


def _progress(progress: Progress) -> str:
    total = "" if progress.total is None else f" of {progress.total:g}"
    return f"{progress.done:g}{total}" + (f" · {progress.text}" if progress.text else "")


def _step(step: Step) -> str:
    return f"{step.name}: {step.state}" + (f" in {span(step.seconds)}" if step.seconds else "")


def _usage(usage: Usage) -> str:
    return f"{usage.model}{_tokens(usage.model_dump())}"


_OUTPUT = frozenset({Kind.STDOUT, Kind.STDERR, Kind.DEBUG})

_TEXTS: dict[str, Callable[[Any], str]] = {
    Kind.STATUS: _status,
    Kind.META: lambda meta: " · ".join(filter(None, (meta.entry_point, meta.node))),
    Kind.INPUTS: lambda inputs: ", ".join(f"{key} = {_as_json(v)}" for key, v in inputs.items()),
    Kind.AGENT: _agent,
    Kind.ERROR: lambda failure: f"{failure.type}: {failure.message}",
    Kind.LOCK: lambda lock: f"waits for {lock.name or lock.lock}",
    Kind.LEASE: lambda lease: f"{lease.lock} answered" + (f" by {lease.by}" if lease.by else ""),
    Kind.UPLOAD: lambda upload: f"{upload.folder}: {', '.join(upload.files)}",
    Kind.PROGRESS: _progress,
    Kind.STEP: _step,
    Kind.USAGE: _usage,
    **dict.fromkeys(_OUTPUT, ansi.strip),
    **dict.fromkeys(RESULTS, plain),
}
