"""The log of a job beside its page: windows of rows, the raw text, the live stream."""

from collections.abc import AsyncIterator
from typing import Annotated

from litestar import MediaType, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from litestar.types import ASGIApp
from sse_starlette import EventSourceResponse

from kodosumi.domain.access import Action, may
from kodosumi.domain.people.models import User
from kodosumi.web.auth import needs
from kodosumi.web.deps import MOST, Services, Visit, services
from kodosumi.web.feeds import Feeds, Head, state_of
from kodosumi.web.lines import Rows, full_text, lines_of
from kodosumi.web.pages.job import head_part
from kodosumi.web.render import Renderer
from kodosumi.web.stream import JobStream, Viewer

WINDOW = 2000
"""Rows of one window at most."""

_BATCH = 5000


@get("/jobs/{job_id:str}/log", opt=needs(Action.SEE))
async def show_rows(
    request: Visit,
    job_id: FromPath[str],
    first: Annotated[int, QueryParameter(name="from", ge=1, le=MOST)],
    last: Annotated[int, QueryParameter(name="to", ge=1, le=MOST)],
) -> Response[str]:
    """Return the rows `from` to `to`, both included, and no more than WINDOW."""
    jobs = services(request).jobs
    await jobs.get(request.user, job_id)
    count = min(WINDOW, last - first + 1)
    events = await jobs.events(request.user, job_id, first - 1, count) if count > 0 else []
    renderer: Renderer = request.app.state.renderer
    return Response(renderer.render(Rows(lines_of(events))), media_type=MediaType.HTML)


@get("/jobs/{job_id:str}/log.txt", opt=needs(Action.SEE))
async def download_log(request: Visit, job_id: FromPath[str]) -> Stream:
    """Send the whole log as text."""
    domain = services(request)
    await domain.jobs.get(request.user, job_id)
    return Stream(
        _text(domain, request.user, job_id),
        media_type=MediaType.TEXT,
        headers={"Content-Disposition": f'attachment; filename="{job_id}.log.txt"'},
    )


async def _text(domain: Services, user: User, job_id: str) -> AsyncIterator[str]:
    after = 0
    while events := await domain.jobs.events(user, job_id, after, _BATCH):
        after = events[-1].seq
        yield "".join(f"{full_text(event)}\n" for event in events)


@get("/jobs/{job_id:str}/stream", opt=needs(Action.SEE))
async def stream(
    request: Visit,
    job_id: FromPath[str],
    after: Annotated[int, QueryParameter(ge=0, le=MOST)] = 0,
    tab: FromQuery[str] = "",
) -> ASGIApp:
    """Send what follows event `after`, or the event of a resumed stream, until the job ends."""
    domain = services(request)
    row = await domain.jobs.row(request.user, job_id)
    feeds: Feeds = request.app.state.feeds
    job_stream = JobStream(
        feeds,
        domain,
        _viewer(request, job_id, tab),
        job_id,
        _resumed(request, after),
    )
    return EventSourceResponse(  # type: ignore[return-value]
        job_stream.messages(row.job.last_seq, row.job.status),
        sep="\n",
        ping=0,
        headers={"Cache-Control": "no-cache"},
    )


def _resumed(request: Visit, after: int) -> int:
    """Return the event that the browser has seen last, or `after` if it names none."""
    given = request.headers.get("last-event-id", "")
    return int(given) if given.isdecimal() and len(given) < len(str(MOST)) else after


def _viewer(request: Visit, job_id: str, tab: str) -> Viewer:
    domain, renderer = services(request), request.app.state.renderer

    async def present() -> bool:
        return await domain.people.by_session(request.auth) is not None

    async def farewell() -> Head:
        row = await domain.jobs.row(request.user, job_id)
        return Head(row.job.last_seq, renderer.render(head_part(request, row)), state_of(row))

    traceback = may(request.user, Action.OPERATE)
    return Viewer(request.user, tab, traceback, present, farewell)


route_handlers = [show_rows, download_log, stream]
