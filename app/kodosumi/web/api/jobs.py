"""Jobs as JSON."""

import json
from typing import Annotated, Any

from litestar import get
from litestar.params import FromPath, QueryParameter

from kodosumi.domain.access import Action, may
from kodosumi.domain.jobs.models import JobEvent
from kodosumi.domain.jobs.views import JobRow
from kodosumi.web.auth import needs
from kodosumi.web.deps import MOST, Visit, services
from kodosumi.wire.events import Kind

Json = dict[str, Any]


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
    """Return up to `limit` events after number `after`; `head` is the last number stored."""
    jobs = services(request).jobs
    job = await jobs.get(request.user, job_id)
    events = await jobs.events(request.user, job_id, after, limit)
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


def _event(event: JobEvent, *, traceback: bool) -> Json:
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
