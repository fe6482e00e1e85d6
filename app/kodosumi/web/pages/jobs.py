"""The list of jobs."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromQuery

from kodosumi.domain.access import Action
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.errors import NotFoundError
from kodosumi.domain.jobs.views import JobFilter, JobRow
from kodosumi.web.auth import needs
from kodosumi.web.deps import Visit, services
from kodosumi.web.framing import make_frame
from kodosumi.web.render import FramedPage
from kodosumi.web.replies import Html, html
from kodosumi.wire.states import JobStatus


@dataclass(frozen=True)
class JobsPage(FramedPage):
    """Jobs that match `wanted`, newest first.

    `here` is the address of this page of the list, `older` that of the following one, empty at the
    end; `live` is true on the first page, which is kept current.
    """

    template: ClassVar[str] = "jobs/list.html"
    rows: Sequence[JobRow]
    wanted: JobFilter
    services: Sequence[Service]
    here: str
    older: str
    live: bool
    statuses: tuple[JobStatus, ...] = tuple(JobStatus)

    @property
    def filtered(self) -> bool:
        """True when less than everything may be shown."""
        return self.wanted != JobFilter()


@get("/jobs", opt=needs(Action.SEE))
async def list_jobs(
    request: Visit,
    q: FromQuery[str] = "",
    service: FromQuery[str] = "",
    mine: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Html:
    """Show the jobs that the person may see; filters are in the address."""
    domain = services(request)
    wanted = JobFilter(_statuses(request), service or None, q.strip(), mine == "on")
    found = await domain.jobs.list(request.user, wanted, before=before or None)
    page = JobsPage(
        make_frame(request),
        rows=found.items,
        wanted=wanted,
        services=await _services(request, wanted.service_id),
        here=_address(wanted, before),
        older=_address(wanted, found.next) if found.next else "",
        live=not before,
    )
    return html(request, page, block="list")


async def _services(request: Visit, chosen: str | None) -> Sequence[Service]:
    """Return the services to choose from; the chosen one is among them although it is gone."""
    catalog = services(request).catalog
    found = await catalog.list(request.user)
    if chosen and chosen not in {service.id for service in found}:
        with suppress(NotFoundError):
            found.append(await catalog.get(request.user, chosen))
    return found


def _statuses(request: Visit) -> tuple[str, ...]:
    known = set(JobStatus)
    asked = request.query_params.getall("status", [])
    return tuple(status for status in asked if status in known)


def _address(wanted: JobFilter, before: str) -> str:
    query = [("status", status) for status in wanted.status]
    query += [("service", wanted.service_id)] if wanted.service_id else []
    query += [("q", wanted.q)] if wanted.q else []
    query += [("mine", "on")] if wanted.mine else []
    query += [("before", before)] if before else []
    return f"/jobs?{urlencode(query)}" if query else "/jobs"


route_handlers = [list_jobs]
