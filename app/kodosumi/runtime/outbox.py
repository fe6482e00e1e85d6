"""The outbox: where a process keeps the events of a job until they are known to be stored.

A thread of its own sends to the mailbox, so that neither the author's code nor the network ever
waits for the other. The outbox is a *source*: it numbers its events, keeps what it sent until the
mailbox reports it as stored, and sends again whatever the mailbox does not know.
"""

import mmap
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from kodosumi.runtime.mailbox import Watched
from kodosumi.wire.batches import Batch, Receipt, weigh
from kodosumi.wire.events import Emitted, Kind, dump

LIMIT = 64_000_000
"""Bytes that may wait to be stored before emitting slows down."""

LOAD = 64_000
"""Bytes in one batch, roughly."""

PAUSE = 0.005
"""Seconds between two batches, so that a busy job sends few large ones."""

RETRY = 0.25
"""Seconds before asking again a mailbox that did not answer."""

REST = 5.0
"""Seconds between two attempts to hear of a call to stop, when the mailbox has dismissed us."""

WATCH = 30.0
"""Seconds that the mailbox may take to answer a watch."""


class LinkError(Exception):
    """The mailbox did not answer."""


class Link(Protocol):
    """The way to the mailbox. Calls block, and raise LinkError."""

    def put(self, batch: Batch, base: int) -> Receipt:
        """Send a batch; see `Mailbox.put`."""
        ...

    def flushed(self, job: str, source: str) -> None:
        """See `Mailbox.flushed`."""
        ...

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        """Start a `Mailbox.watch`; `then` gets its answer, or None, on some other thread."""
        ...


class Outbox:
    """The events of one process for one job; usable from any thread.

    `resident` outboxes live in Ray tasks and actors: they listen to the mailbox even when they have
    nothing to send, until it tells that the job is over. An event that is emitted later wakes them.
    """

    def __init__(self, job: str, link: Link, *, resident: bool = False, limit: int = LIMIT) -> None:
        self.job = job
        self.source = secrets.token_hex(8)
        self._cancelled = mmap.mmap(-1, 1)  # a byte that forked children see, too
        self._hurry = threading.Event()  # somebody waits for what is being sent
        self._underway = False  # a batch is on its way to the mailbox
        self._relay: Callable[[Kind, str], None] | None = None
        self._link = link
        self._resident = resident
        self._limit = limit
        self._changed = threading.Condition()
        self._fresh: deque[Emitted] = deque()
        self._held: deque[Emitted] = deque()
        self._stored = 0
        self._size = 0
        self._slowed = False
        self._ended = False
        self._closed = False
        self._watching = False
        self._flush = False
        self._retry_at = 0.0
        self._over = False
        self._rested_at = 0.0
        self._begin()

    @property
    def cancelled(self) -> bool:
        """True once somebody asked the job to stop. Who asks wants to be told: we listen again."""
        if self._over and not self._relay and not self._cancelled[0]:
            self._listen_again()
        return self._cancelled[0] == 1

    @cancelled.setter
    def cancelled(self, cancelled: bool) -> None:
        self._cancelled[0] = cancelled

    @property
    def in_child(self) -> bool:
        """True in a forked child, which hands its events to the parent."""
        return self._relay is not None

    def become_child(self, relay: Callable[[Kind, str], None]) -> None:
        """Be the outbox of a child that was just forked: `relay` takes all to the parent."""
        self._relay = relay
        self._hurry = threading.Event()  # some thread of the parent may hold its lock for ever
        self._changed = threading.Condition()
        self._fresh.clear()
        self._held.clear()
        self._size = 0
        self._underway = False

    @property
    def over(self) -> bool:
        """True when the mailbox has told that the job is over, and nothing is left to send."""
        return self._over

    @property
    def crowded(self) -> bool:
        """True while more than the limit waits to be stored."""
        return self._size > self._limit

    def emit(self, kind: Kind, payload: str) -> None:
        """Take an event. Never waits for the network."""
        if self._relay:
            self._relay(kind, payload)
            return
        event = Emitted(time.time(), kind.value, payload)
        with self._changed:
            if self._ended:
                return
            if not self._fresh:
                self._changed.notify_all()
            self._append(event)
            if self._over:
                self._begin()
            if self.crowded and not self._slowed:
                self._slowed = True
                note = f"The job is slowed down: {self._limit:,} bytes wait to be stored."
                self._append(Emitted(event.at, Kind.STDERR.value, dump(note)))

    def emit_last(self, kind: Kind, payload: str) -> None:
        """Take the last event. What the job's code emits after it is dropped."""
        with self._changed:
            self.emit(kind, payload)
            self._ended = True
            self._changed.notify_all()

    def make_room(self) -> None:
        """Wait until less than the limit waits to be stored."""
        with self._changed:
            self._changed.wait_for(lambda: not self.crowded or self._ended or self._closed)

    def drained(self, wait: float | None = None) -> bool:
        """Wait until all that was emitted is stored; False when `wait` seconds were not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._fresh and not self._held, wait)

    def sent(self, wait: float | None = None) -> bool:
        """Wait until the mailbox has all that was emitted; False when `wait` was not enough."""
        self._hurry.set()
        with self._changed:
            return self._changed.wait_for(lambda: not self._fresh and not self._underway, wait)

    def close(self) -> None:
        """Stop the thread. What is not stored is given up."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _listen_again(self) -> None:
        with self._changed:
            if self._over and time.monotonic() > self._rested_at + REST:
                self._begin()

    def _begin(self) -> None:
        self._over = False
        self._thread = threading.Thread(target=self._run, name=f"outbox-{self.job}", daemon=True)
        self._thread.start()

    def _append(self, event: Emitted) -> None:
        self._fresh.append(event)
        self._size += weigh(event)

    def _run(self) -> None:
        while self._await_work():
            self._begin_watch()
            if self._fresh:
                self._send()
                self._hurry.wait(PAUSE)
                self._hurry.clear()
            elif self._flush:
                self._confirm()

    def _await_work(self) -> bool:
        """Wait until there is something to do, and a pause after a failure has passed."""
        with self._changed:
            while not (self._closed or self._over or self._replaced()):
                pause = self._retry_at - time.monotonic()
                if pause <= 0 and self._has_work():
                    return True
                self._changed.wait(pause if pause > 0 else None)
        return False

    def _replaced(self) -> bool:
        return threading.current_thread() is not self._thread

    def _has_work(self) -> bool:
        return bool(self._fresh) or self._flush or self._wants_watch()

    def _wants_watch(self) -> bool:
        return not self._watching and (self._resident or bool(self._held))

    def _send(self) -> None:
        batch = self._load()
        try:
            receipt = self._link.put(batch, self._stored)
        except LinkError:
            self._give_back(batch.first - 1)
            self._retry_at = time.monotonic() + RETRY
        else:
            self._settle(receipt.stored)
            if receipt.received < batch.last:
                self._give_back(receipt.received)
        with self._changed:
            self._underway = False
            self._changed.notify_all()

    def _load(self) -> Batch:
        with self._changed:
            first = self._stored + len(self._held) + 1
            events: list[Emitted] = []
            size = 0
            while self._fresh and size < LOAD:
                event = self._fresh.popleft()
                size += weigh(event)
                events.append(event)
            self._held.extend(events)
            self._underway = True
            return Batch(self.job, self.source, first, events)

    def _give_back(self, received: int) -> None:
        with self._changed:
            while self._held and self._stored + len(self._held) > received:
                self._fresh.appendleft(self._held.pop())

    def _settle(self, stored: int) -> None:
        with self._changed:
            while self._held and self._stored < stored:
                self._size -= weigh(self._held.popleft())
                self._stored += 1
            self._changed.notify_all()

    def _begin_watch(self) -> None:
        if self._wants_watch():
            self._watching = True
            self._link.watch(self.job, self.source, self._stored, self._watched)

    def _watched(self, answer: Watched | None) -> None:
        if answer:
            self._settle(answer.stored)
        with self._changed:
            self._watching = False
            if answer is None:
                self._retry_at = time.monotonic() + RETRY
            else:
                if answer.forgot:
                    self._give_back(self._stored)
                self._flush = self._flush or answer.flush
                self.cancelled = self.cancelled or answer.cancelled
                self._over = answer.over and not (self._fresh or self._held or self._flush)
                self._rested_at = time.monotonic()
            self._changed.notify_all()

    def _confirm(self) -> None:
        self._flush = False
        try:
            self._link.flushed(self.job, self.source)
        except LinkError:
            self._flush = True
            self._retry_at = time.monotonic() + RETRY
