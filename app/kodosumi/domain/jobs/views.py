"""What of jobs is shown in lists: filters, rows, pages."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from kodosumi.domain.catalog.models import Service
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.people.models import User


@dataclass(frozen=True)
class JobFilter:
    """Which jobs a list shows. `q` is looked for in summary and id; `status` is any of these."""

    status: tuple[str, ...] = ()
    service_id: str | None = None
    q: str = ""
    mine: bool = False


@dataclass(frozen=True)
class JobRow:
    """A job with the names that its row refers to."""

    job: Job
    owner_name: str | None
    service: Service | None


@dataclass(frozen=True)
class JobPage:
    """A page of a list; `next` is the cursor of the following page."""

    items: list[JobRow]
    next: str | None


def conditions(user: User, wanted: JobFilter) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of `wanted`, without the access rule."""
    found: list[ColumnElement[bool]] = []
    if wanted.status:
        found.append(Job.status.in_(wanted.status))
    if wanted.service_id:
        found.append(Job.service_id == wanted.service_id)
    if wanted.mine:
        found.append(Job.owner_id == user.id)
    if wanted.q:
        found.append(
            or_(
                _contains(Job.summary, wanted.q),
                Job.id.startswith(wanted.q.lower(), autoescape=True),
            )
        )
    return found


def _contains(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def older_than(cursor: str) -> ColumnElement[bool]:
    """Return the condition of all jobs after `cursor` in a list, newest first.

    Raises:
        ValueError: this is no cursor.
    """
    at, _, job_id = cursor.partition("_")
    return or_(Job.created_at < float(at), and_(Job.created_at == float(at), Job.id < job_id))


def cursor_of(job: Job) -> str:
    """Return the cursor of the page that follows `job`."""
    return f"{job.created_at!r}_{job.id}"
