"""What the streams of a job send, read and rendered once for all who watch it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from kodosumi.domain.jobs.pages import Stored
from kodosumi.domain.jobs.views import JobRow
from kodosumi.domain.people.models import User
from kodosumi.web.chunks import LIMIT, Chunk, chunk_of, gap_of, is_light
from kodosumi.web.deps import Services
from kodosumi.web.failure import Trouble, trouble_of
from kodosumi.web.render import Page, Renderer
from kodosumi.web.shared import Errands, Shared
from kodosumi.web.sse import json_message, message
from kodosumi.wire.states import JobStatus

ROOM = 16_000_000
"""Bytes of chunks kept for viewers who are a little behind."""

HEADS = 256
"""Heads kept."""


@dataclass(frozen=True)
class Live(Page):
    """The parts of a job's page that change while it runs, for any viewer with equal rights."""

    template: ClassVar[str] = "jobs/_live.html"
    row: JobRow
    trouble: Trouble | None
    now: float


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

    def __init__(self, domain: Services, renderer: Renderer, errands: Errands) -> None:
        self.errands = errands
        self.tails = domain.store.tails
        self._jobs = domain.jobs
        self._pages = domain.pages
        self._renderer = renderer
        self._clock = domain.clock
        self._chunks: Shared[tuple[str, int, str], Chunk | None] = Shared(errands, ROOM, _weigh)
        self._heads: Shared[tuple[str, int, bool], Head] = Shared(errands, HEADS, lambda _: 1)

    async def chunk(self, job_id: str, after: int, tab: str) -> Chunk | None:
        """Return what follows event `after`; None if nothing does, or the job has been deleted.

        Chunks end at multiples of their number of rows: viewers who began at different rows soon
        share them.
        """
        key = (job_id, after, tab)
        if found := self._chunks.find(key):
            return found
        limit = LIMIT._replace(rows=LIMIT.rows - after % LIMIT.rows)
        events = self.tails.after(job_id, after, limit)
        if events and is_light(events, tab):
            made = chunk_of(events, tab, self._renderer)
            self._chunks.keep(key, made)
            return made

        async def make() -> Chunk | None:
            read = events or await self._pages.after(job_id, after, limit)
            return await self._rendered(read, tab) if read else None

        return await self._chunks.get(key, make)

    async def _rendered(self, events: Sequence[Stored], tab: str) -> Chunk:
        if is_light(events, tab):
            return chunk_of(events, tab, self._renderer)
        return await asyncio.to_thread(chunk_of, events, tab, self._renderer)

    def gap(self, job_id: str, after: int, last: int) -> Chunk:
        """Return what stands for the rows after number `after`, up to `last`."""
        return gap_of(job_id, after, last, self._renderer)

    async def head(self, user: User, job_id: str, slot: int, *, traceback: bool) -> Head:
        """Return the head that all with equal rights share within the time `slot`."""

        async def read() -> Head:
            row = await self._jobs.row(user, job_id)
            now = self._clock.now()
            live = Live(row, trouble_of(row.job, now, traceback=traceback), now)
            return Head(row.job.last_seq, self._renderer.render(live), state_of(row))

        return await self._heads.get((job_id, slot, traceback), read)


def _weigh(chunk: Chunk | None) -> int:
    return len(chunk.data) + 200 if chunk else 0


def state_of(row: JobRow) -> dict[str, Any]:
    """Return what title, icon and timers of the page need."""
    job = row.job
    ended = JobStatus(job.status).ended
    return {"status": job.status, "title": job.summary, "ended": ended, "progress": job.progress}
