"""Jobs as JSON."""

import json
from typing import Annotated, Any

from litestar import get
from litestar.params import FromPath, QueryParameter

from kodosumi.domain.access import Action, may
from kodosumi.domain.jobs.pages import Limit, Stored
from kodosumi.domain.jobs.views import JobRow
from kodosumi.web.auth import needs
from kodosumi.web.deps import MOST, Visit, services
from kodosumi.wire.events import Kind

Json = dict[str, Any]

SIZE = 4_000_000
"""Characters of payload in one answer, or one event."""


@get("/api/v1/jobs/{job_id:str}", opt=needs(Action.SEE))
async def get_job(request: Visit, job_id: FromPath[str]) -> Json:
    """Return a job."""
    row = await services(request).jobs.row(request.user, job_id)
    return _job(row, traceback=may(request.user, Action.OPERATE, row.job))


@get("/api/v1/jobs/{job_id:str}/events", opt=needs(Action.SEE))
async def get_events(
    request: Visit,
    job_id: FromPath[str],
    after: Annotated[int, QueryParameter(ge=0, le=MOST)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 1000,
) -> Json:
    """Return events after number `after`; `head` is the last number stored.

    They are `limit` at most, and fewer when they are large: the last page is the one without any.
    """
    domain = services(request)
    job = await domain.jobs.get(request.user, job_id)
    events = await domain.pages.after(job_id, after, Limit(limit, SIZE))
    traceback = may(request.user, Action.OPERATE, job)
    return {
        "items": [_event(event, traceback=traceback) for event in events],
        "head": job.last_seq,
    }


def _job(row: JobRow, *, traceback: bool) -> Json:
    job, service = row.job, row.service
    return {
        "id": job.id,
        "status": job.status,
        "summary": job.summary,
        "service": {"id": service.id, "summary": service.summary} if service else None,
        "owner": row.owner_name,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "ended_by": job.ended_by,
        "reason": job.reason,
        "ended": job.ended,
        "inputs": job.inputs,
        "progress": job.progress,
        "final": json.loads(job.final) if job.final else None,
        "error": _error(job.error, traceback=traceback),
        "last_seq": job.last_seq,
        "links": {"self": f"/api/v1/jobs/{job.id}", "page": f"/jobs/{job.id}"},
    }


def _event(event: Stored, *, traceback: bool) -> Json:
    payload = json.loads(event.payload)
    if event.kind == Kind.ERROR:
        payload = _error(payload, traceback=traceback)
    return {"seq": event.seq, "at": event.at, "kind": event.kind, "payload": payload}


def _error(error: Json | None, *, traceback: bool) -> Json | None:
    """Return a failure; its traceback is for those who may operate."""
    if error is None or traceback:
        return error
    return {key: value for key, value in error.items() if key != "traceback"}


route_handlers = [get_job, get_events]
