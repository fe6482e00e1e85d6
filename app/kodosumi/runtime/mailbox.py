"""The mailbox: a Ray actor between the processes of the jobs and the panel's spooler.

It holds what sources have sent until the spooler says that it is stored. It may lose everything it
holds at any time: sources keep what is not stored, and send it again. What is delivered twice is
recognised by its number in the database.

The events of a job are given in the order in which they arrived, from whatever source; jobs take
turns.

A source that is not known here is introduced by its `base`: everything up to that number is stored.
Forgetting a source is therefore always safe.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from kodosumi.runtime.box import Box, Parcel, Turns
from kodosumi.wire.batches import Batch, Receipt, weigh

ROOM = 512_000_000
"""Bytes that the mailbox holds at most; beyond, sources must keep their events."""

DRAIN = 128_000
"""Bytes that one drain takes, roughly: who comes next waits until these are stored."""

BATCHES = 1_000
"""Batches that one drain takes at most: a database has limits for one statement, too."""

SHARE = 1_000_000
"""Bytes that a job may have here even when others have filled the mailbox."""

CANCELLED = 3600.0
"""Seconds for which a call to stop a job is told to sources that come later."""

GATHER = 3.0
"""Seconds in which the sources of living processes find a new mailbox."""

Key = tuple[str, str]


class Watched(NamedTuple):
    """Answer to a source that watches: what is stored, and whether it must send all it has.

    `forgot` tells that the mailbox did not know the source: it holds nothing of what was sent.
    `over` tells that nothing more will be asked of it: its job has ended, or it has long been
    silent.
    """

    stored: int
    flush: bool
    cancelled: bool = False
    forgot: bool = False
    over: bool = False


class Left(NamedTuple):
    """What of a job is still under way: sources that have not flushed, and events not stored."""

    silent: int
    unstored: int


class Mailbox:
    """See the module. All methods run on one event loop; none of them blocks."""

    def __init__(self, gather: float = GATHER) -> None:
        self._boxes: dict[Key, Box] = {}
        self._fresh = Turns()  # what the reader has not been given
        self._arrivals = 0
        self._reader = ""
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._cancelled: dict[str, float] = {}  # by job: when
        self._over: set[str] = set()
        self._sizes: Counter[str] = Counter()  # by job
        self._gathered = time.monotonic() + gather

    async def hello(self, job: str, source: str) -> None:
        """Introduce a source before it sends, so that `settle` knows of it."""
        self._box((job, source), 0)

    async def put(self, batch: Batch, base: int) -> Receipt:
        """Take a batch of a source that knows that everything up to `base` is stored.

        What has been received before is dropped. A batch that would leave a gap is not taken: the
        receipt tells from where to send again.
        """
        box = self._box((batch.job, batch.source), base)
        box.heard = box.used
        if batch.first <= box.received + 1 and await self._has_room(batch.job):
            self._keep(box, batch.after(box.received))
        return Receipt(box.received, box.stored)

    async def watch(self, job: str, source: str, stored: int, wait: float) -> Watched:
        """Answer when there is something to tell, or after `wait` seconds.

        That is: more than `stored` is stored, `settle` asks, somebody asked the job to stop, the
        job is over, or the source is not known here.
        """
        forgot = (job, source) not in self._boxes
        box = self._box((job, source), stored)
        untold = job in self._cancelled and not box.told
        if not (forgot or untold or box.flush or box.stored > stored or self._is_over(job, box)):
            await _within(box.changed, wait)
        box.told = job in self._cancelled
        return Watched(box.stored, box.flush, box.told, forgot, self._is_over(job, box))

    async def flushed(self, job: str, source: str) -> None:
        """Take the word of a source that it has sent all it had when it was asked to."""
        box = self._boxes.get((job, source))
        if box:
            box.flush = False
            box.wake()

    async def settle(self, job: str, source: str, wait: float) -> Left:
        """Have all sources of `job` but `source` send what they have, and wait until it is stored.

        Answers after `wait` seconds with what is left then, or as soon as nothing is. A mailbox
        that has just been started waits first for the sources that knew its predecessor.
        """
        await asyncio.sleep(max(0.0, self._gathered - time.monotonic()))
        until = time.monotonic() + wait
        others = [box for key, box in self._boxes.items() if key[0] == job and key[1] != source]
        for box in others:
            box.flush = True
            box.wake()
        for box in others:
            while (box.flush or box.unstored) and (left := until - time.monotonic()) > 0:
                await _within(box.changed, left)
        return Left(sum(box.flush for box in others), sum(box.unstored for box in others))

    async def over(self, job: str) -> None:
        """Tell the sources of `job` that it has ended, and that nobody will ask them any more."""
        self._over.add(job)
        self._wake(job)

    async def cancel(self, job: str) -> None:
        """Tell the sources of `job` that somebody asked it to stop."""
        self._cancelled[job] = time.monotonic()
        self._wake(job)

    async def drain(self, reader: str, stored: Mapping[Key, int], wait: float) -> list[Batch]:
        """Give the spooler what it has not had, oldest job first, taking turns.

        `stored` is what the spooler has committed since its last call. A `reader` other than the
        last one starts with everything that is held.
        """
        for key, number in stored.items():
            self._store(key, number)
        if reader != self._reader:
            self._reader = reader
            self._untake()
        if not self._fresh:
            self._forget_idle()
            self._news.clear()
            await _within(self._news, wait)
        return self._fresh.take(DRAIN, BATCHES) if reader == self._reader else []

    async def pending(self, job: str) -> int:
        """Return how many events of `job` are held, that is, are not known to be stored."""
        return sum(box.unstored for key, box in self._boxes.items() if key[0] == job)

    def _wake(self, job: str) -> None:
        for key, box in self._boxes.items():
            if key[0] == job:
                box.wake()

    def _is_over(self, job: str, box: Box) -> bool:
        return box.silent or (job in self._over and not box.unstored)

    def _box(self, key: Key, base: int) -> Box:
        box = self._boxes.get(key)
        if box is None:
            box = self._boxes[key] = Box(base)
        box.used = time.monotonic()
        return box

    async def _has_room(self, job: str) -> bool:
        if not self._fits(job):
            self._room.clear()
            await _within(self._room, 5)
        return self._fits(job)

    def _fits(self, job: str) -> bool:
        return self._size <= ROOM or self._sizes[job] <= SHARE

    def _keep(self, box: Box, batch: Batch) -> None:
        if batch.first != box.received + 1 or not batch.events:
            return
        self._arrivals += 1
        parcel = Parcel(self._arrivals, batch, sum(map(weigh, batch.events)))
        box.held.append(parcel)
        box.received = batch.last
        self._weigh(batch.job, parcel.size)
        self._fresh.add(parcel)
        self._news.set()

    def _store(self, key: Key, number: int) -> None:
        box = self._boxes.get(key)
        if box is None or number <= box.stored:
            return
        box.stored = number
        box.received = max(box.received, number)
        while box.held and box.held[0].batch.last <= number:
            self._weigh(key[0], -box.held.popleft().size)
        box.wake()
        self._room.set()

    def _weigh(self, job: str, size: int) -> None:
        self._size += size
        self._sizes[job] += size
        if not self._sizes[job]:
            del self._sizes[job]

    def _untake(self) -> None:
        self._fresh.clear()
        held = (parcel for box in self._boxes.values() for parcel in box.held)
        for parcel in sorted(held, key=lambda parcel: parcel.arrival):
            self._fresh.add(parcel)

    def _forget_idle(self) -> None:
        for key in [key for key, box in self._boxes.items() if box.idle]:
            del self._boxes[key]
        known = {job for job, _ in self._boxes}
        self._over &= known
        oldest = time.monotonic() - CANCELLED
        self._cancelled = {job: at for job, at in self._cancelled.items() if at > oldest}


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
