"""The outbox: in order, without loss, over a link that fails; slow instead of full."""

import random
import threading
from collections.abc import Callable

import pytest

from kodosumi.runtime.mailbox import Watched
from kodosumi.runtime.outbox import LinkError, Outbox
from kodosumi.wire.batches import Batch, Receipt
from kodosumi.wire.events import Emitted, Kind, dump


class Mailroom:
    """A mailbox and a database in one, which fails and forgets as told by `trouble`."""

    def __init__(self, trouble: Callable[[], str] = lambda: "") -> None:
        self.trouble = trouble
        self.events: list[Emitted] = []
        self.received = 0
        self.stored = 0
        self.stores = True
        self.flushes: list[str] = []
        self.ask_flush = threading.Event()
        self._watchers: list[tuple[int, Callable[[Watched | None], None]]] = []

    def put(self, batch: Batch, base: int) -> Receipt:
        trouble = self.trouble()
        if trouble == "restart":
            self.received = base
        if trouble == "deaf":
            raise LinkError
        if batch.first <= self.received + 1:
            fresh = batch.after(self.received)
            del self.events[self.received :]
            self.events.extend(fresh.events)
            self.received += len(fresh.events)
        if self.stores:
            self.store()
        if trouble == "mute":
            raise LinkError
        return Receipt(self.received, self.stored)

    def store(self) -> None:
        self.stored = max(self.stored, self.received)
        waiting, self._watchers = self._watchers, []
        for _, then in waiting:
            then(Watched(self.stored, flush=False))

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        if self.ask_flush.is_set():
            self.ask_flush.clear()
            then(Watched(self.stored, flush=True))
        elif self.stored > stored:
            then(Watched(self.stored, flush=False))
        else:
            self._watchers.append((stored, then))

    def flushed(self, job: str, source: str) -> None:
        self.flushes.append(source)


@pytest.mark.parametrize("seed", range(5))
def test_every_event_arrives_once_and_in_order_whatever_the_link_does(seed: int) -> None:
    rng = random.Random(seed)
    troubles = ["", "", "", "restart", "mute"]
    room = Mailroom(lambda: rng.choice(troubles))
    outbox = Outbox("job", room)
    for n in range(2000):
        outbox.emit(Kind.DEBUG, dump(n))
        if n % 100 == 0:
            outbox.sent()
    assert outbox.drained(20)
    assert [event.payload for event in room.events] == [str(n) for n in range(2000)]
    outbox.close()


def test_emitting_slows_down_when_nothing_is_stored_and_says_so_once() -> None:
    room = Mailroom()
    room.stores = False
    outbox = Outbox("job", room, limit=10_000)
    for n in range(200):
        outbox.emit(Kind.DEBUG, dump(n))
    assert outbox.crowded
    waiting = threading.Thread(target=outbox.make_room)
    waiting.start()
    assert outbox.sent(10)
    assert waiting.is_alive()
    room.stores = True
    room.store()
    waiting.join(10)
    assert not waiting.is_alive()
    assert outbox.drained(10)
    notes = [event for event in room.events if "slowed down" in event.payload]
    assert len(notes) == 1
    outbox.close()


def test_a_resident_outbox_confirms_a_flush_only_after_it_has_sent_everything() -> None:
    room = Mailroom()
    room.ask_flush.set()
    outbox = Outbox("job", room, resident=True)
    outbox.emit(Kind.DEBUG, dump("last words"))
    assert outbox.drained(10)
    for _ in range(1000):
        if room.flushes:
            break
        threading.Event().wait(0.01)
    assert room.flushes == [outbox.source]
    outbox.close()
