"""What the mailbox knows and holds of one source, and how jobs take turns to be delivered."""

import asyncio
import time
from collections import deque
from typing import NamedTuple

from kodosumi.wire.batches import Batch

TURN = 64_000
"""Bytes that one job may deliver before the next one has its turn."""

IDLE = 120.0
"""Seconds after which a source with nothing left to store is forgotten."""

SILENCE = 600.0
"""Seconds without an event after which a source is told that it need not watch."""


class Parcel(NamedTuple):
    """A batch as it arrived: its place in the order of all arrivals, and its weight in bytes."""

    arrival: int
    batch: Batch
    size: int


class Box:
    """One source: up to which number it is received and stored, and what lies between."""

    def __init__(self, base: int) -> None:
        self.received = base
        self.stored = base
        self.held: deque[Parcel] = deque()
        self.flush = False
        self.told = False  # that somebody asked the job to stop
        self.used = self.heard = time.monotonic()
        self.changed = asyncio.Event()

    def wake(self) -> None:
        """Wake all who wait for `changed`."""
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def unstored(self) -> int:
        """How many events are received and not known to be stored."""
        return self.received - self.stored

    @property
    def idle(self) -> bool:
        """True when the source may be forgotten."""
        return not self.held and time.monotonic() - self.used > IDLE

    @property
    def silent(self) -> bool:
        """True when the source has had nothing to say for long."""
        return not self.held and time.monotonic() - self.heard > SILENCE


class Turns:
    """Parcels that wait to be given, by job: within a job as they arrived, jobs in turn."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Parcel]] = {}

    def __bool__(self) -> bool:
        return bool(self._queues)

    def add(self, parcel: Parcel) -> None:
        """Add what has arrived last."""
        self._queues.setdefault(parcel.batch.job, deque()).append(parcel)

    def clear(self) -> None:
        """Forget all."""
        self._queues.clear()

    def take(self, size: int, count: int) -> list[Batch]:
        """Take batches until they weigh `size` bytes or are `count`, roughly."""
        taken: list[Batch] = []
        while self._queues and size > 0 and len(taken) < count:
            job = next(iter(self._queues))
            size -= self._take_turn(job, self._queues.pop(job), taken)
        return taken

    def _take_turn(self, job: str, queue: deque[Parcel], taken: list[Batch]) -> int:
        size = 0
        while queue and size < TURN:
            parcel = queue.popleft()
            size += parcel.size
            taken.append(parcel.batch)
        if queue:
            self._queues[job] = queue
        return size
