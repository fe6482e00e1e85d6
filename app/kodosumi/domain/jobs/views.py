"""What of jobs is shown in lists: filters, rows, pages."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, tuple_

from kodosumi.domain.catalog.models import Service
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.people.models import User, fold

_OF_IDS = frozenset("0123456789abcdef")


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
        found.append(_holds(wanted.q))
    return found


def _holds(text: str) -> ColumnElement[bool]:
    """Return the condition of jobs with `text` in the summary, or at the start of the id."""
    in_summary = Job.folded.contains(fold(text), autoescape=True)
    if set(text.lower()) <= _OF_IDS:
        return or_(in_summary, Job.id.startswith(text.lower(), autoescape=True))
    return in_summary


def older_than(cursor: str) -> ColumnElement[bool]:
    """Return the condition of all jobs after `cursor` in a list, newest first.

    Raises:
        ValueError: this is no cursor.
    """
    at, _, job_id = cursor.partition("_")
    return tuple_(Job.created_at, Job.id) < tuple_(float(at), job_id)


def cursor_of(job: Job) -> str:
    """Return the cursor of the page that follows `job`."""
    return f"{job.created_at!r}_{job.id}"
