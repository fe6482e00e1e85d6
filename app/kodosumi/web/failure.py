"""What went wrong with a job, as far as the viewer may know it."""

from dataclasses import dataclass

from kodosumi.domain.jobs.gone import gone
from kodosumi.domain.jobs.models import Job
from kodosumi.wire.events import Ended, Failure
from kodosumi.wire.states import JobStatus


@dataclass(frozen=True)
class Trouble:
    """Why a job did not finish. `traceback` is empty for those who may not read it."""

    tone: str
    title: str
    text: str
    traceback: str = ""


def trouble_of(job: Job, *, traceback: bool) -> Trouble | None:
    """Return why `job` did not finish, None if it did or still may."""
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
    said = [job.reason or "", gone(Ended.model_validate(job.ended)) if job.ended else ""]
    return Trouble(tone, f"{title}{by}", " ".join(filter(None, said)))


_TITLES: dict[str, str] = {
    JobStatus.ERROR: "The job failed",
    JobStatus.CANCELLED: "Cancelled",
    JobStatus.KILLED: "Killed",
    JobStatus.LOST: "The job was lost: its runner is gone",
}
