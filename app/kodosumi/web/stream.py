"""The stream of one viewer of a job's page."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from kodosumi.domain.people.models import User
from kodosumi.web.chunks import GAP, KEPT, LIMIT, Chunk
from kodosumi.web.deps import Services
from kodosumi.web.feeds import Feeds, Head
from kodosumi.web.sse import RETRY, json_message
from kodosumi.wire.states import JobStatus

HEAD_SLOT = 0.5
"""Seconds between two heads; a share of time that is the same for all viewers."""

BEAT = 15.0
"""Seconds between two heartbeats."""

BEATS_PER_CHECK = 4
"""Heartbeats between two looks whether the viewer is still signed in."""


@dataclass(frozen=True)
class Viewer:
    """Who watches, on which tab.

    `skip`: a page that shows the newest rows only, and is told of a gap where it is far behind.
    """

    user: User
    tab: str
    traceback: bool
    skip: bool
    present: Callable[[int], Coroutine[Any, Any, bool]]
    """Tells whether they are still signed in; looked up once for equal numbers."""

    farewell: Callable[[], Coroutine[Any, Any, Head]]
    """Makes the last head, with the actions that this person has on an ended job."""


class JobStream:
    """Follows a job for one viewer; `last` is the number of the last event that was sent.

    The database is read when the hub knows of something newer, never to look whether there is.
    """

    def __init__(
        self, feeds: Feeds, domain: Services, viewer: Viewer, job_id: str, after: int
    ) -> None:
        self._feeds = feeds
        self._run = feeds.errands.run
        self._hub = domain.hub
        self._clock = domain.clock
        self._viewer = viewer
        self._job = job_id
        self._pace = _Pace()
        self.last = after

    async def messages(self, stored: int, status: str) -> AsyncGenerator[bytes]:
        """Yield what the page is sent, until the job has ended or is deleted.

        `stored` and `status` are the job's as they were when the viewer was let in.
        """
        yield RETRY
        with self._feeds.tails.watched(self._job):
            ended = JobStatus(status).ended and stored <= self.last
            while not ended:
                if (head := max(stored, self._hub.head(self._job))) > self.last:
                    chunk = await self._chunk(head)
                    if chunk is None:  # the job has been deleted
                        return
                    self.last, ended = chunk.last, chunk.ended
                    self._pace.behind = True
                    yield chunk.data
                    await asyncio.sleep(0)  # the others' turn: a fast viewer never makes us wait
                else:
                    await self._hub.wait(self._job, self.last, self._pace.patience())
                if not ended and self._pace.take_head():
                    yield await self._head()
                if self._pace.take_beat():
                    if not await self._still_here():
                        return
                    yield self._beat()
        yield await self._end()

    async def _chunk(self, head: int) -> Chunk | None:
        if self._viewer.skip and head - self.last > GAP:
            return self._feeds.gap(self._job, self.last, head - head % LIMIT.rows - KEPT)
        return await self._feeds.chunk(self._job, self.last, self._viewer.tab)

    async def _head(self) -> bytes:
        head = await self._feeds.head(
            self._viewer.user, self._job, self._pace.slot, traceback=self._viewer.traceback
        )
        self._pace.behind = head.seq < self.last
        return head.messages(self.last)

    async def _still_here(self) -> bool:
        return self._pace.beats % BEATS_PER_CHECK != 0 or await self._viewer.present(
            self._pace.check
        )

    def _beat(self) -> bytes:
        head = max(self.last, self._hub.head(self._job))
        return json_message({"now": self._clock.now(), "head_seq": head}, "hb", self.last)

    async def _end(self) -> bytes:
        head = await self._run(self._viewer.farewell())
        end = {"last": self.last, "status": head.state["status"]}
        return head.messages(self.last) + json_message(end, "end", self.last)


class _Pace:
    """When heads and heartbeats are due. `behind`: the page's head is older than its rows."""

    def __init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self._next_beat = self._now() + BEAT
        self._last_slot = -1
        self.behind = False
        self.beats = 0

    @property
    def slot(self) -> int:
        """The current share of time; equal for all viewers."""
        return int(self._now() / HEAD_SLOT)

    @property
    def check(self) -> int:
        """The current share of time between two looks; equal for all viewers."""
        return int(self._now() / (BEAT * BEATS_PER_CHECK))

    def patience(self) -> float:
        """Return for how many seconds nothing is due."""
        due = self._next_beat
        if self.behind:
            due = min(due, (self._last_slot + 1) * HEAD_SLOT)
        return max(0.0, due - self._now())

    def take_head(self) -> bool:
        """Tell whether a head is due, and count it as sent."""
        due = self.behind and self.slot > self._last_slot
        if due:
            self._last_slot = self.slot
        return due

    def take_beat(self) -> bool:
        """Tell whether a heartbeat is due, and count it as sent."""
        due = self._now() >= self._next_beat
        if due:
            self._next_beat = self._now() + BEAT
            self.beats += 1
        return due
