"""What went wrong with a job, as far as the viewer may know it."""

from dataclasses import dataclass

from kodosumi.domain.jobs.gone import why
from kodosumi.domain.jobs.models import Job
from kodosumi.wire.events import Ended, Failure
from kodosumi.wire.states import JobStatus

SLOW_START = 60.0
"""Seconds after which a job that has not begun is worth a word."""


@dataclass(frozen=True)
class Trouble:
    """Why a job did not finish. `traceback` is empty for those who may not read it."""

    tone: str
    title: str
    text: str
    traceback: str = ""


def trouble_of(job: Job, now: float, *, traceback: bool) -> Trouble | None:
    """Return why `job` did not finish, or not begin; None if it did or still may."""
    if job.status == JobStatus.STARTING and now - job.created_at > SLOW_START:
        return Trouble("warning", "Ray has not started this job yet", _SLOW)
    if job.error:
        failure = Failure.model_validate(job.error)
        heading = "The job failed" if failure.public else failure.type
        return Trouble(
            "danger", heading, failure.message, (failure.traceback or "") if traceback else ""
        )
    title = _TITLES.get(job.status)
    if title is None:
        return None
    by = f" by {job.ended_by}" if job.ended_by else ""
    tone = "danger" if job.status in {JobStatus.ERROR, JobStatus.LOST} else "warning"
    ended = Ended.model_validate(job.ended) if job.ended else None
    return Trouble(tone, f"{title}{by}", why(job.reason, ended))


_SLOW = (
    "The cluster may have no room for it, or still be setting up its environment; Ray's dashboard "
    "tells. It begins as soon as it can. You may cancel it."
)

_TITLES: dict[str, str] = {
    JobStatus.ERROR: "The job failed",
    JobStatus.CANCELLED: "Cancelled",
    JobStatus.KILLED: "Killed",
    JobStatus.LOST: "The job was lost: its runner is gone",
}
