"""The log of a job beside its page: windows of rows, the raw text, the live stream."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from litestar import MediaType, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from litestar.types import ASGIApp

from kodosumi.domain.access import Action, may
from kodosumi.domain.jobs.pages import Limit
from kodosumi.web.auth import needs
from kodosumi.web.deps import MOST, Services, Visit, services
from kodosumi.web.feeds import Feeds, Head, state_of
from kodosumi.web.lines import Rows, full_text, lines_of
from kodosumi.web.pages.job import Tab, head_part
from kodosumi.web.presence import Presence
from kodosumi.web.render import Renderer
from kodosumi.web.sse import EventStream
from kodosumi.web.stream import JobStream, Viewer

WINDOW = Limit(rows=2000, size=1_000_000)
"""What an answer with rows holds at most."""

_BATCH = Limit(rows=2000, size=500_000)


@get("/jobs/{job_id:str}/log", opt=needs(Action.SEE))
async def show_rows(
    request: Visit,
    job_id: FromPath[str],
    first: Annotated[int, QueryParameter(name="from", ge=1, le=MOST)],
    last: Annotated[int, QueryParameter(name="to", ge=1, le=MOST)],
) -> Response[str]:
    """Return the rows `from` to `to`, both included, and no more than WINDOW."""
    domain = services(request)
    await domain.jobs.get(request.user, job_id)
    limit = WINDOW._replace(rows=min(WINDOW.rows, max(0, last - first + 1)))
    events = await domain.pages.after(job_id, first - 1, limit)
    renderer: Renderer = request.app.state.renderer
    return Response(renderer.render(Rows(lines_of(events))), media_type=MediaType.HTML)


@get("/jobs/{job_id:str}/log.txt", opt=needs(Action.SEE))
async def download_log(request: Visit, job_id: FromPath[str]) -> Stream:
    """Send the whole log as text."""
    domain = services(request)
    await domain.jobs.get(request.user, job_id)
    return Stream(
        _text(domain, job_id),
        media_type=MediaType.TEXT,
        headers={"Content-Disposition": f'attachment; filename="{job_id}.log.txt"'},
    )


async def _text(domain: Services, job_id: str) -> AsyncIterator[str]:
    after = 0
    while events := await domain.pages.after(job_id, after, _BATCH):
        after = events[-1].seq
        yield "".join(f"{full_text(event)}\n" for event in events)


@get("/jobs/{job_id:str}/stream", opt=needs(Action.SEE))
async def stream(
    request: Visit,
    job_id: FromPath[str],
    after: Annotated[int, QueryParameter(ge=0, le=MOST)] = 0,
    tab: FromQuery[str] = "",
    *,
    skip: FromQuery[bool] = False,
) -> ASGIApp:
    """Send what follows event `after`, or the event of a resumed stream, until the job ends.

    Each event is sent; with `skip`, one row stands for many when the viewer is far behind.
    """
    domain = services(request)
    row = await domain.jobs.row(request.user, job_id)
    feeds: Feeds = request.app.state.feeds
    viewer = _viewer(request, job_id, tab, skip=skip and tab == Tab.LOG)
    job_stream = JobStream(feeds, domain, viewer, job_id, _resumed(request, after))
    presence: Presence = request.app.state.presence
    messages = job_stream.messages(row.job.last_seq, row.job.status)
    return EventStream(messages, presence.over(request.auth))


def _resumed(request: Visit, after: int) -> int:
    """Return the event that the browser has seen last, or `after` if it names none."""
    given = request.headers.get("last-event-id", "")
    return int(given) if given.isdecimal() and len(given) < len(str(MOST)) else after


def _viewer(request: Visit, job_id: str, tab: str, *, skip: bool) -> Viewer:
    domain, renderer = services(request), request.app.state.renderer
    presence: Presence = request.app.state.presence

    async def farewell() -> Head:
        row = await domain.jobs.row(request.user, job_id)
        part = head_part(request, row, tab)
        return Head(row.job.last_seq, renderer.render(part), state_of(row))

    traceback = may(request.user, Action.OPERATE)
    present = partial(presence.check, request.auth)
    return Viewer(request.user, tab, traceback, skip, present, farewell)


route_handlers = [show_rows, download_log, stream]
