"""What the streams of a job send, rendered once for all who watch it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from kodosumi.domain.jobs.jobs import Jobs
from kodosumi.domain.jobs.views import JobRow
from kodosumi.domain.people.models import User
from kodosumi.domain.ports import Clock
from kodosumi.web.failure import Trouble, trouble_of
from kodosumi.web.lines import RESULTS, Line, Results, Rows, lines_of
from kodosumi.web.render import Page, Renderer
from kodosumi.web.shared import Errands, Shared
from kodosumi.web.sse import json_message, message
from kodosumi.wire.events import Kind
from kodosumi.wire.states import JobStatus

ROWS = 200
"""Rows of one message at most."""

KEPT = 256
"""Chunks kept for viewers who are a little behind."""


@dataclass(frozen=True)
class Live(Page):
    """The parts of a job's page that change while it runs, for any viewer with equal rights."""

    template: ClassVar[str] = "jobs/_live.html"
    row: JobRow
    trouble: Trouble | None
    now: float


@dataclass(frozen=True)
class MoreResults(Results):
    """Results to append to those on the page."""

    template: ClassVar[str] = "jobs/_more_results.html"


class Chunk:
    """Consecutive events of a job, at least one, and the messages that tell them."""

    def __init__(self, lines: Sequence[Line], renderer: Renderer) -> None:
        self._lines = lines
        self._renderer = renderer
        self.last = lines[-1].seq

    @property
    def ended(self) -> bool:
        """True when no event follows."""
        line = self._lines[-1]
        return line.kind == Kind.STATUS and not line.problem and bool(line.data.status.ended)

    def messages(self, tab: str) -> bytes:
        """Return what a page on `tab` is sent; only the last message carries the last number.

        Who loses the connection between two of them gets the chunk again: the page drops rows that
        it has, and results, which it could not tell apart, come in the last message.
        """
        before, parts = self._lines[0].seq - 1, []
        if tab != "result":
            parts.append(("log", self._log))
        if tab != "log" and self._results:
            parts.append(("", self._results))
        ids = [before] * (len(parts) - 1) + [self.last]
        return b"".join(
            message(data, event, seq) for (event, data), seq in zip(parts, ids, strict=False)
        )

    @cached_property
    def _log(self) -> str:
        html = self._renderer.render(Rows(self._lines))
        return json.dumps(
            {"from": self._lines[0].seq, "to": self.last, "html": html}, ensure_ascii=False
        )

    @cached_property
    def _results(self) -> str:
        results = [line for line in self._lines if line.kind in RESULTS]
        return self._renderer.render(MoreResults(results)) if results else ""


@dataclass(frozen=True)
class Head:
    """Head and state of a job's page as of event `seq`."""

    seq: int
    html: str
    state: dict[str, Any]

    def messages(self, last_id: int) -> bytes:
        """Return both as messages."""
        return message(self.html, "", last_id) + json_message(self.state, "state", last_id)


class Feeds:
    """Reads and renders for the streams of all jobs. Users must have been let in before."""

    def __init__(self, jobs: Jobs, renderer: Renderer, clock: Clock) -> None:
        self.errands = Errands()
        self._jobs = jobs
        self._renderer = renderer
        self._clock = clock
        self._chunks: Shared[tuple[str, int], Chunk | None] = Shared(KEPT, self.errands)
        self._heads: Shared[tuple[str, int, bool], Head] = Shared(KEPT, self.errands)

    async def chunk(self, user: User, job_id: str, after: int) -> Chunk | None:
        """Return what follows event `after`, None if nothing does yet."""

        async def read() -> Chunk | None:
            events = await self._jobs.events(user, job_id, after, ROWS)
            return Chunk(lines_of(events), self._renderer) if events else None

        found = await self._chunks.get((job_id, after), read)
        if found is None:
            self._chunks.drop((job_id, after))
        return found

    async def head(self, user: User, job_id: str, slot: int, *, traceback: bool) -> Head:
        """Return the head that all with equal rights share within the time `slot`."""

        async def read() -> Head:
            row = await self._jobs.row(user, job_id)
            live = Live(row, trouble_of(row.job, traceback=traceback), self._clock.now())
            return Head(row.job.last_seq, self._renderer.render(live), state_of(row))

        return await self._heads.get((job_id, slot, traceback), read)


def state_of(row: JobRow) -> dict[str, Any]:
    """Return what title, icon and timers of the page need."""
    job = row.job
    ended = JobStatus(job.status).ended
    return {"status": job.status, "title": job.summary, "ended": ended, "progress": job.progress}
