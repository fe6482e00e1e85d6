"""The outbox: in order, without loss, over a link that fails; slow instead of full."""

import random
import threading
from collections.abc import Callable

import pytest

from kodosumi.runtime import outbox as outboxes
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
        self.known = True
        self.flushes: list[str] = []
        self.ask_flush = threading.Event()
        self.job_over = False
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

    def restart(self) -> None:
        """Forget everything that is not stored, as a mailbox does that dies and comes back."""
        del self.events[self.stored :]
        self.received = self.stored
        self.known = False
        waiting, self._watchers = self._watchers, []
        for _, then in waiting:
            then(None)

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        if not self.known:
            self.known = True
            then(Watched(self.stored, flush=False, forgot=True))
        elif self.ask_flush.is_set():
            self.ask_flush.clear()
            then(Watched(self.stored, flush=True))
        elif self.job_over or self.stored > stored:
            then(Watched(self.stored, flush=False, over=self.job_over))
        else:
            self._watchers.append((stored, then))

    @property
    def watched(self) -> bool:
        return bool(self._watchers)

    def flushed(self, job: str, source: str) -> None:
        self.flushes.append(source)


def until(ready: Callable[[], bool]) -> None:
    for _ in range(1000):
        if ready():
            return
        threading.Event().wait(0.01)


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
    until(lambda: bool(room.flushes))
    assert room.flushes == [outbox.source]
    outbox.close()


def test_what_a_restarted_mailbox_has_forgotten_is_sent_again_though_nothing_is_emitted() -> None:
    room = Mailroom()
    room.stores = False
    outbox = Outbox("job", room)
    for n in range(3):
        outbox.emit(Kind.DEBUG, dump(n))
    assert outbox.sent(10)
    until(lambda: room.watched)
    room.restart()
    room.stores = True
    assert outbox.drained(5)
    assert [event.payload for event in room.events] == ["0", "1", "2"]
    outbox.close()


def test_what_is_emitted_just_after_a_failure_leaves_when_the_pause_is_over() -> None:
    room = Mailroom()
    outbox = Outbox("job", room, resident=True)
    until(lambda: room.watched)
    room.restart()
    outbox.emit(Kind.DEBUG, dump("soon"))
    assert outbox.drained(5)
    outbox.close()


def test_an_outbox_drains_though_a_thread_goes_on_emitting_after_the_last_event() -> None:
    room = Mailroom()
    outbox = Outbox("job", room)
    over = threading.Event()

    def flood() -> None:
        while not over.is_set():
            outbox.emit(Kind.STDOUT, dump("more"))
            over.wait(0.0001)

    thread = threading.Thread(target=flood)
    thread.start()
    outbox.emit_last(Kind.STATUS, dump("end"))
    assert outbox.drained(2)
    over.set()
    thread.join()
    assert room.events[-1].kind == Kind.STATUS
    outbox.close()


def test_an_outbox_whose_job_is_over_rests_until_something_is_emitted() -> None:
    room = Mailroom()
    room.job_over = True
    outbox = Outbox("job", room, resident=True)
    for n in range(3):
        until(lambda: outbox.over)
        until(lambda: not outbox._thread.is_alive())
        outbox.emit(Kind.DEBUG, dump(n))
        assert outbox.drained(5)
    assert [event.payload for event in room.events] == ["0", "1", "2"]


def test_what_is_on_its_way_is_not_sent_yet() -> None:
    going, arrived = threading.Event(), threading.Event()

    def trouble() -> str:
        going.set()
        arrived.wait(10)
        return ""

    outbox = Outbox("job", Mailroom(trouble))
    outbox.emit(Kind.DEBUG, dump(1))
    assert going.wait(10)
    assert not outbox.sent(0.05)
    arrived.set()
    assert outbox.sent(10)
    outbox.close()


def test_an_outbox_that_rests_listens_again_when_it_is_asked_whether_to_stop(monkeypatch) -> None:
    monkeypatch.setattr(outboxes, "REST", 0)
    room = Mailroom()
    room.job_over = True
    outbox = Outbox("job", room, resident=True)
    until(lambda: outbox.over)
    room.job_over = False
    assert not outbox.cancelled
    until(lambda: room.watched)
    assert not outbox.over
    outbox.close()
