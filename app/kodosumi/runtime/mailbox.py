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
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from kodosumi.wire.batches import Batch, Receipt, weigh

ROOM = 512_000_000
"""Bytes that the mailbox holds at most; beyond, sources must keep their events."""

TURN = 128_000
"""Bytes that one job may deliver before the next one has its turn."""

DRAIN = 2_000_000
"""Bytes that one drain takes at most."""

BATCHES = 5_000
"""Batches that one drain takes at most: a database has limits for one statement, too."""

IDLE = 120.0
"""Seconds after which a source with nothing left to store is forgotten."""

Key = tuple[str, str]


class Watched(NamedTuple):
    """Answer to a source that watches: what is stored, and whether it must send all it has.

    `forgot` tells that the mailbox did not know the source: it holds nothing of what was sent.
    """

    stored: int
    flush: bool
    cancelled: bool = False
    forgot: bool = False


class _Parcel(NamedTuple):
    arrival: int
    batch: Batch
    size: int


class _Box:
    """What is known and held of one source."""

    def __init__(self, base: int) -> None:
        self.received = base
        self.stored = base
        self.held: deque[_Parcel] = deque()
        self.flush = False
        self.told = False  # that somebody asked the job to stop
        self.used = time.monotonic()
        self.changed = asyncio.Event()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def idle(self) -> bool:
        return not self.held and time.monotonic() - self.used > IDLE


class Mailbox:
    """See the module. All methods run on one event loop; none of them blocks."""

    def __init__(self) -> None:
        self._boxes: dict[Key, _Box] = {}
        self._fresh: dict[str, deque[_Parcel]] = {}  # by job: what the reader has not been given
        self._arrivals = 0
        self._reader = ""
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._cancelled: set[str] = set()

    async def hello(self, job: str, source: str) -> None:
        """Introduce a source before it sends, so that `settle` knows of it."""
        self._box((job, source), 0)

    async def put(self, batch: Batch, base: int) -> Receipt:
        """Take a batch of a source that knows that everything up to `base` is stored.

        What has been received before is dropped. A batch that would leave a gap is not taken: the
        receipt tells from where to send again.
        """
        box = self._box((batch.job, batch.source), base)
        if batch.first <= box.received + 1 and await self._has_room():
            self._keep(box, batch.after(box.received))
        return Receipt(box.received, box.stored)

    async def watch(self, job: str, source: str, stored: int, wait: float) -> Watched:
        """Answer when there is something to tell, or after `wait` seconds.

        That is: more than `stored` is stored, `settle` asks, somebody asked the job to stop, or
        the source is not known here.
        """
        forgot = (job, source) not in self._boxes
        box = self._box((job, source), stored)
        untold = job in self._cancelled and not box.told
        if not (forgot or untold or box.flush or box.stored > stored):
            await _within(box.changed, wait)
        box.told = job in self._cancelled
        return Watched(box.stored, box.flush, box.told, forgot)

    async def flushed(self, job: str, source: str) -> None:
        """Take the word of a source that it has sent all it had when it was asked to."""
        box = self._boxes.get((job, source))
        if box:
            box.flush = False
            box.wake()

    async def settle(self, job: str, source: str, wait: float) -> bool:
        """Have all sources of `job` but `source` send what they have; False if one did not answer.

        After this, nothing that was emitted before the call is still under way.
        """
        others = [box for key, box in self._boxes.items() if key[0] == job and key[1] != source]
        for box in others:
            box.flush = True
            box.wake()
        until = time.monotonic() + wait
        for box in others:
            while box.flush and (left := until - time.monotonic()) > 0:
                await _within(box.changed, left)
        return not any(box.flush for box in others)

    async def cancel(self, job: str) -> None:
        """Tell the sources of `job` that somebody asked it to stop."""
        self._cancelled.add(job)
        for key, box in self._boxes.items():
            if key[0] == job:
                box.wake()

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
        return self._take() if reader == self._reader else []

    async def pending(self, job: str) -> int:
        """Return how many events of `job` are held, that is, are not known to be stored."""
        return sum(box.received - box.stored for key, box in self._boxes.items() if key[0] == job)

    def _box(self, key: Key, base: int) -> _Box:
        box = self._boxes.get(key)
        if box is None:
            box = self._boxes[key] = _Box(base)
        box.used = time.monotonic()
        return box

    async def _has_room(self) -> bool:
        if self._size > ROOM:
            self._room.clear()
            await _within(self._room, 5)
        return self._size <= ROOM

    def _keep(self, box: _Box, batch: Batch) -> None:
        if batch.first != box.received + 1 or not batch.events:
            return
        self._arrivals += 1
        parcel = _Parcel(self._arrivals, batch, sum(map(weigh, batch.events)))
        box.held.append(parcel)
        box.received = batch.last
        self._size += parcel.size
        self._queue(parcel)
        self._news.set()

    def _queue(self, parcel: _Parcel) -> None:
        self._fresh.setdefault(parcel.batch.job, deque()).append(parcel)

    def _store(self, key: Key, number: int) -> None:
        box = self._boxes.get(key)
        if box is None or number <= box.stored:
            return
        box.stored = number
        box.received = max(box.received, number)
        while box.held and box.held[0].batch.last <= number:
            self._size -= box.held.popleft().size
        box.wake()
        self._room.set()

    def _untake(self) -> None:
        self._fresh.clear()
        held = (parcel for box in self._boxes.values() for parcel in box.held)
        for parcel in sorted(held, key=lambda parcel: parcel.arrival):
            self._queue(parcel)

    def _take(self) -> list[Batch]:
        taken: list[Batch] = []
        size = 0
        while self._fresh and size < DRAIN and len(taken) < BATCHES:
            job = next(iter(self._fresh))
            size += self._take_turn(job, self._fresh.pop(job), taken)
        return taken

    def _take_turn(self, job: str, queue: deque[_Parcel], taken: list[Batch]) -> int:
        size = 0
        while queue and size < TURN:
            parcel = queue.popleft()
            size += parcel.size
            taken.append(parcel.batch)
        if queue:
            self._fresh[job] = queue
        return size

    def _forget_idle(self) -> None:
        for key in [key for key, box in self._boxes.items() if box.idle]:
            del self._boxes[key]
        self._cancelled &= {job for job, _ in self._boxes}


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
