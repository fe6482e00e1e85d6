"""Tables of jobs: the job, its events, and how far each source has been stored."""

from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from kodosumi.domain.db import Base
from kodosumi.domain.people.models import User, fold
from kodosumi.wire.ids import runner_name
from kodosumi.wire.states import JobStatus

LIST_INDEX = "ix_jobs_list"


class Job(Base):
    """One run of a service: a projection of its events. Times are seconds since the epoch.

    `folded` is the summary in the form in which it is searched. The index of the list holds all
    that lists are filtered by: any of them is found by one way through it, newest first.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default=JobStatus.STARTING)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    service_id: Mapped[str | None] = mapped_column(String(24))
    summary: Mapped[str] = mapped_column(String(500), default="")
    folded: Mapped[str] = mapped_column(String(500), default="")
    runner: Mapped[str | None] = mapped_column(String(40))
    meta: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[float] = mapped_column(Float)
    started_at: Mapped[float | None] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    final: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    ended_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(500))
    ended: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        Index(LIST_INDEX, "created_at", "id", "owner_id", "service_id", "status", "folded"),
        Index(
            "ix_jobs_live",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    @validates("summary")
    def _fold(self, _field: str, summary: str) -> str:
        self.folded = fold(summary)[:500]
        return summary

    @property
    def actor(self) -> str:
        """The name of the actor that runs it; the usual one as long as none is told."""
        return self.runner or runner_name(self.id)


class JobEvent(Base):
    """One fact of a job. `seq` counts 1, 2, 3 … per job, without gaps."""

    __tablename__ = "events"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[float] = mapped_column(Float)
    kind: Mapped[str] = mapped_column(String(12))
    payload: Mapped[str] = mapped_column(Text)

    __table_args__ = ({"sqlite_with_rowid": False},)


class JobSource(Base):
    """The last number stored of one source of a job: what makes a repeated batch harmless."""

    __tablename__ = "sources"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)

    __table_args__ = ({"sqlite_with_rowid": False},)


class DeletedJob(Base):
    """The id of a job that somebody deleted: events of it that come late are dropped."""

    __tablename__ = "deleted_jobs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[float] = mapped_column(Float)

    __table_args__ = ({"sqlite_with_rowid": False},)
