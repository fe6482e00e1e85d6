"""Windows of a job's log: as many rows as a page shows well, and the way to the next ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from kodosumi.domain.jobs.models import Job
from kodosumi.domain.jobs.pages import EventPages, Limit
from kodosumi.web.lines import Line, lines_of, weight
from kodosumi.wire.states import JobStatus

PAINT = Limit(rows=1000, size=210_000)
"""What a window holds at most: rows, and bytes of HTML."""


@dataclass(frozen=True)
class Window:
    """Consecutive rows, and the addresses of the windows before and after; empty at the ends."""

    lines: list[Line]
    older: str = ""
    newer: str = ""


async def until(pages: EventPages, job: Job, last: int | None) -> Window:
    """Return the window that ends with row `last`, or with the newest: then a stream goes on."""
    lines = lines_of(await pages.until(job.id, last, PAINT))
    lines = lines[len(lines) - _fitting(reversed(lines)) :]
    return _window(job, lines, newest=last is None)


async def since(pages: EventPages, job: Job, first: int) -> Window:
    """Return the window that begins with row `first`."""
    lines = lines_of(await pages.after(job.id, first - 1, PAINT))
    return _window(job, lines[: _fitting(lines)])


def _window(job: Job, lines: list[Line], *, newest: bool = False) -> Window:
    log = f"/jobs/{job.id}?tab=log"
    if not lines:
        return Window(lines, newer="" if newest else log)
    first, last = lines[0].seq, lines[-1].seq
    older = f"{log}&to={first - 1}" if first > 1 else ""
    more = last < job.last_seq
    newer = f"{log}&from={last + 1}" if more else "" if JobStatus(job.status).ended else log
    return Window(lines, older, "" if newest else newer)


def _fitting(lines: Iterable[Line]) -> int:
    """Return how many of the first lines a page holds: one at least, if there is any."""
    return PAINT.fitting(map(weight, lines))
