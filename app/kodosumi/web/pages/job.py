"""The page of a job: head, tabs, and what can be done with it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.status_codes import HTTP_200_OK

from kodosumi.domain.access import Action, may
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.jobs.pages import Limit
from kodosumi.domain.jobs.views import JobRow
from kodosumi.web import csrf, windows
from kodosumi.web.auth import needs
from kodosumi.web.deps import MOST, Visit, services
from kodosumi.web.failure import Trouble, trouble_of
from kodosumi.web.framing import make_frame
from kodosumi.web.lines import RESULTS, Line, lines_of
from kodosumi.web.render import FramedPage, Page
from kodosumi.web.replies import Html, go, html, text_of
from kodosumi.web.windows import Window
from kodosumi.wire.states import JobStatus

SHOWN_RESULTS = 300
"""Results on the page as it is first shown; the log has all."""

_RESULTS = Limit(SHOWN_RESULTS, 500_000)


class Tab(StrEnum):
    """The views of a job."""

    RESULT = "result"
    LOG = "log"
    INPUTS = "inputs"


class Notice(StrEnum):
    """What has just been done, told once after a redirect."""

    NONE = ""
    CANCELLED = "cancelled"


class Question(StrEnum):
    """The dialog that the page opens with, for browsers without JavaScript."""

    NONE = ""
    KILL = "job-kill"
    DELETE = "job-delete"


@dataclass(frozen=True)
class TabLink:
    """A tab; its address is real."""

    key: str
    label: str
    href: str
    count: int | None = None


@dataclass(frozen=True)
class HeadPart(Page):
    """The head with its actions, and the tabs with their counts, for one person."""

    template: ClassVar[str] = "jobs/_head_and_alert.html"
    row: JobRow
    trouble: Trouble | None
    now: float
    csrf: str
    may_change: bool
    tab: str
    tabs: tuple[TabLink, ...]
    question: Question = Question.NONE


@dataclass(frozen=True)
class JobPage(FramedPage):
    """A job on one of its tabs; `lines` or `results` hold what the tab shows.

    `stream` is the address of what follows, empty once the job has ended; `older` and `newer` lead
    to other windows of the log.
    """

    template: ClassVar[str] = "jobs/job.html"
    row: JobRow
    trouble: Trouble | None
    now: float
    csrf: str
    may_change: bool
    tab: Tab
    tabs: tuple[TabLink, ...]
    lines: Sequence[Line] = ()
    results: Sequence[Line] = ()
    older: str = ""
    newer: str = ""
    stream: str = ""
    notice: Notice = Notice.NONE
    question: Question = Question.NONE
    shown_results: int = SHOWN_RESULTS

    @property
    def shown_inputs(self) -> list[tuple[str, str]]:
        """The inputs as name and text."""
        inputs = self.row.job.inputs.items()
        return [(name, v if isinstance(v, str) else json.dumps(v)) for name, v in inputs]


@get("/jobs/{job_id:str}", opt=needs(Action.SEE))
async def show_job(
    request: Visit,
    job_id: FromPath[str],
    *,
    tab: FromQuery[Tab] = Tab.RESULT,
    first: Annotated[int | None, QueryParameter(name="from", ge=1, le=MOST)] = None,
    last: Annotated[int | None, QueryParameter(name="to", le=MOST)] = None,
    notice: FromQuery[Notice] = Notice.NONE,
    question: FromQuery[Question] = Question.NONE,
) -> Html:
    """Show a job. `from` and `to` ask for the window of the log that begins or ends there."""
    row = await services(request).jobs.row(request.user, job_id)
    window, results = Window([]), list[Line]()
    if tab is Tab.LOG:
        window = await _window(request, row.job, first, last)
    elif tab is Tab.RESULT:
        pages = services(request).pages
        results = lines_of(await pages.until(job_id, None, _RESULTS, RESULTS))
    shown_to = max((line.seq for line in (*window.lines, *results)), default=0)
    after = shown_to if tab is Tab.LOG else max(row.job.last_seq, shown_to)
    live = not JobStatus(row.job.status).ended and first is None and last is None
    head = head_part(request, row, tab)
    page = JobPage(
        make_frame(request),
        row,
        head.trouble,
        head.now,
        head.csrf,
        head.may_change,
        tab,
        head.tabs,
        lines=window.lines,
        results=results,
        older=window.older,
        newer=window.newer,
        stream=f"/jobs/{job_id}/stream?after={after}&tab={tab}&skip=1" if live else "",
        notice=notice,
        question=question,
    )
    return await asyncio.to_thread(html, request, page)  # 300 texts in Markdown take a while


def head_part(request: Visit, row: JobRow, tab: str) -> HeadPart:
    """Return the head as this person sees it."""
    now = services(request).clock.now()
    return HeadPart(
        row,
        trouble_of(row.job, now, traceback=may(request.user, Action.OPERATE, row.job)),
        now,
        csrf.token(request),
        may(request.user, Action.CHANGE, row.job),
        tab,
        _tabs(row.job),
    )


@post("/jobs/{job_id:str}/cancellation", opt=needs(Action.CHANGE), status_code=HTTP_200_OK)
async def cancel(request: Visit, job_id: FromPath[str]) -> Html:
    """Ask the job to stop."""
    await services(request).jobs.cancel(request.user, job_id)
    return go(request, f"/jobs/{job_id}?notice={Notice.CANCELLED}")


@post("/jobs/{job_id:str}/termination", opt=needs(Action.CHANGE), status_code=HTTP_200_OK)
async def kill(request: Visit, job_id: FromPath[str]) -> Html:
    """End the job by force."""
    reason = text_of(await request.form(), "reason").strip()
    await services(request).jobs.kill(request.user, job_id, reason)
    return go(request, f"/jobs/{job_id}")


@post("/jobs/{job_id:str}/deletion", opt=needs(Action.CHANGE), status_code=HTTP_200_OK)
async def delete(request: Visit, job_id: FromPath[str]) -> Html:
    """Remove an ended job."""
    await services(request).jobs.delete(request.user, job_id)
    return go(request, "/jobs")


async def _window(request: Visit, job: Job, first: int | None, last: int | None) -> Window:
    pages = services(request).pages
    if first is not None:
        return await windows.since(pages, job, first)
    return await windows.until(pages, job, last)


def _tabs(job: Job) -> tuple[TabLink, ...]:
    # While the job runs its count of events is in the head, which is kept current.
    events = job.last_seq if JobStatus(job.status).ended else None
    counts = {Tab.LOG: events, Tab.INPUTS: len(job.inputs) or None}
    return tuple(
        TabLink(tab, tab.capitalize(), f"/jobs/{job.id}?tab={tab}", counts.get(tab)) for tab in Tab
    )


route_handlers = [show_job, cancel, kill, delete]
