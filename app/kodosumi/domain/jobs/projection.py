"""How an event changes the row of its job: the one place that does."""

from collections.abc import Callable
from typing import Any, overload

from kodosumi.domain.jobs.models import Job
from kodosumi.wire.events import Failure, Kind, Meta, Progress, Status, dump, load
from kodosumi.wire.states import JobStatus, may_move


def project(job: Job, at: float, kind: str, payload: str) -> bool:
    """Apply an event to its job's row; False if the event must not be stored.

    Refused are events after the end, illegal moves, and payloads that do not have their kind's
    shape.
    """
    if JobStatus(job.status).ended:
        return False
    apply = _PROJECTIONS.get(kind)
    if apply is None:
        return True
    try:
        return apply(job, at, load(kind, payload))
    except ValueError:
        return False


@overload
def _short(text: str, length: int) -> str: ...
@overload
def _short(text: str | None, length: int) -> str | None: ...
def _short(text: str | None, length: int) -> str | None:
    """Return what fits the column of `text`; PostgreSQL takes no NUL."""
    return text and text.replace("\0", "�")[:length]


def _status(job: Job, at: float, status: Status) -> bool:
    old, new = JobStatus(job.status), status.status
    if old is new is JobStatus.STARTING and job.last_seq == 0:
        return True
    if not may_move(old, new):
        return False
    job.status = new
    if new is JobStatus.RUNNING and job.started_at is None:
        job.started_at = at
    if new.ended:
        job.ended_at = at
        job.ended_by = _short(status.by, 120)
        job.reason = _short(status.reason, 500)
        job.ended = status.ended.model_dump() if status.ended else None
    return True


def _meta(job: Job, _at: float, meta: Meta) -> bool:
    job.meta = meta.model_dump()
    job.runner = _short(meta.runner, 40) or job.runner
    job.summary = _short(meta.summary, 500)
    return True


def _inputs(job: Job, _at: float, inputs: dict[str, Any]) -> bool:
    job.inputs = inputs
    return True


def _error(job: Job, _at: float, failure: Failure) -> bool:
    job.error = failure.model_dump(exclude_none=True)
    return True


def _final(job: Job, _at: float, value: dict[str, Any]) -> bool:
    job.final = dump(value)
    return True


def _progress(job: Job, _at: float, progress: Progress) -> bool:
    job.progress = progress.model_dump(exclude_none=True)
    return True


_PROJECTIONS: dict[str, Callable[[Job, float, Any], bool]] = {
    Kind.STATUS: _status,
    Kind.META: _meta,
    Kind.INPUTS: _inputs,
    Kind.ERROR: _error,
    Kind.FINAL: _final,
    Kind.PROGRESS: _progress,
}
