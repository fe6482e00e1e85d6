"""What people do with jobs. Every method looks through the eyes of the user that it is given."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.access import Action, may, visible_jobs
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.db import Database
from kodosumi.domain.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from kodosumi.domain.jobs.late import Late
from kodosumi.domain.jobs.models import DeletedJob, Job
from kodosumi.domain.jobs.stops import Stops
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.jobs.views import (
    JobFilter,
    JobPage,
    JobRow,
    conditions,
    cursor_of,
    older_than,
)
from kodosumi.domain.outage import OutageError
from kodosumi.domain.people.models import User
from kodosumi.domain.ports import Clock, Cluster, ClusterUnavailableError
from kodosumi.wire.states import JobStatus

AWAY = "Ray cannot be reached now: the job goes on, if it can. Try again when Ray is back."

SOON = "It appears in the list of jobs as soon as the database takes changes again."


class _Launch(NamedTuple):
    job_id: str
    owner: User | None
    service: Service | None
    inputs: Mapping[str, Any]
    runner: str | None


class Jobs:
    """The jobs of this panel."""

    def __init__(
        self, db: Database, cluster: Cluster, store: EventStore, clock: Clock, grace: float
    ) -> None:
        self._db = db
        self._stops = Stops(cluster, store, clock, grace)
        self._clock = clock
        self._late = Late()

    def admit(self) -> None:
        """Make sure that a job can be noted, before it is launched.

        Raises:
            UnavailableError: the database takes no changes.
        """
        if self._db.outage:
            msg = f"{self._db.outage} Nothing was launched; try again when it takes changes again."
            raise UnavailableError(msg)

    async def close(self) -> None:
        """Give up what could not be noted, and what is being ended."""
        await self._stops.close()
        await self._late.give_up()

    async def open(
        self,
        job_id: str,
        owner: User | None,
        service: Service | None,
        inputs: Mapping[str, Any],
        runner: str | None = None,
    ) -> None:
        """Note who launched a job, from which service, and which actor runs it.

        Its events may have come before; they know better what the runner and the inputs are.

        Raises:
            UnavailableError: the database takes no changes. The job runs; it is noted later.
        """
        note = partial(self._note, _Launch(job_id, owner, service, inputs, runner))
        try:
            await note()
        except OutageError as outage:
            self._late.add(f"job {job_id} is of {owner.name if owner else 'nobody'}", note)
            msg = f"Job {job_id} has been started and runs, but cannot be shown yet. {outage} "
            raise UnavailableError(msg + SOON) from outage

    async def _note(self, launch: _Launch) -> None:
        try:
            await self._write(launch)
        except IntegrityError:  # its events came in this very moment, and made the job
            await self._write(launch)

    async def _write(self, launch: _Launch) -> None:
        async with self._db.transaction() as session:
            job = await session.get(Job, launch.job_id, with_for_update=True)
            if job is None:
                job = self._new(launch.job_id, launch.inputs)
                session.add(job)
            job.runner = job.runner or launch.runner
            if job.owner_id is None and launch.owner:
                job.owner_id = launch.owner.id
            if job.service_id is None and launch.service:
                job.service_id = launch.service.id
                job.summary = job.summary or launch.service.summary

    def _new(self, job_id: str, inputs: Mapping[str, Any]) -> Job:
        return Job(
            id=job_id,
            status=JobStatus.STARTING.value,
            created_at=self._clock.now(),
            last_seq=0,
            summary="",
            meta={},
            inputs=dict(inputs),
        )

    async def get(self, user: User, job_id: str) -> Job:
        """Return a job that the user may see."""
        return (await self.row(user, job_id)).job

    async def row(self, user: User, job_id: str) -> JobRow:
        """Return a job that the user may see, with the names of its owner and service."""
        async with self._db.session() as session:
            rows = await _rows(session, _visible(user).where(Job.id == job_id))
        if not rows:
            msg = f"There is no job {job_id}, or you may not see it."
            raise NotFoundError(msg)
        return rows[0]

    async def list(
        self, user: User, wanted: JobFilter, limit: int = 50, before: str | None = None
    ) -> JobPage:
        """Return a page of the jobs that the user may see, newest first."""
        newest = (Job.created_at.desc(), Job.id.desc())
        ids = select(Job.id).where(visible_jobs(user), *conditions(user, wanted))
        if before:
            ids = ids.where(_before(before))
        # Found in the index of the list alone; then only the rows of this page are read.
        ids = ids.order_by(*newest).limit(limit + 1)
        query = _visible(user).where(Job.id.in_(ids)).order_by(*newest)
        async with self._db.session() as session:
            rows = await _rows(session, query)
        more = len(rows) > limit
        return JobPage(rows[:limit], cursor_of(rows[limit - 1].job) if more else None)

    @property
    def ending(self) -> frozenset[str]:
        """The jobs that this panel is ending by force right now."""
        return self._stops.ending

    async def cancel(self, user: User, job_id: str) -> None:
        """Ask a job to stop; after the grace period it is ended."""
        job = await self._running(user, job_id)
        try:
            await self._stops.cancel(job_id, job.actor, user.name)
        except ClusterUnavailableError as exc:
            raise UnavailableError(AWAY) from exc

    async def kill(self, user: User, job_id: str, reason: str = "") -> None:
        """End a job by force, with all that it started. What it emitted before is kept."""
        job = await self._running(user, job_id)
        try:
            await self._stops.kill(job_id, job.actor, user.name, reason)
        except ClusterUnavailableError as exc:
            raise UnavailableError(AWAY) from exc

    async def delete(self, user: User, job_id: str) -> None:
        """Remove an ended job with its events."""
        job = await self.get(user, job_id)
        _demand_change(user, job)
        if not JobStatus(job.status).ended:
            msg = "The job is still running: cancel or kill it first."
            raise ConflictError(msg)
        async with self._db.transaction() as session:
            await session.execute(delete(Job).where(Job.id == job_id))
            await session.merge(DeletedJob(id=job_id, at=self._clock.now()))

    async def _running(self, user: User, job_id: str) -> Job:
        job = await self.get(user, job_id)
        _demand_change(user, job)
        if JobStatus(job.status).ended:
            msg = f"The job has ended already: it is {job.status}."
            raise ConflictError(msg)
        return job


def _visible(user: User) -> Select[Job, str | None, Service | None]:
    return (
        select(Job, User.name, Service)
        .outerjoin(User, User.id == Job.owner_id)
        .outerjoin(Service, Service.id == Job.service_id)
        .where(visible_jobs(user))
    )


async def _rows(
    session: AsyncSession, query: Select[Job, str | None, Service | None]
) -> list[JobRow]:
    return [JobRow(job, name, service) for job, name, service in await session.execute(query)]


def _before(cursor: str) -> ColumnElement[bool]:
    try:
        return older_than(cursor)
    except ValueError as exc:
        raise InvalidError({"before": ["This is no cursor of this list."]}) from exc


def _demand_change(user: User, job: Job) -> None:
    if not may(user, Action.CHANGE, job):
        msg = "You may see this job, but not do that with it."
        raise NotAllowedError(msg)
