"""The runner without Ray: whatever the code does, the job ends, and its status is the last word."""

import secrets
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ray import cloudpickle

from kodosumi.runtime import runner as module
from kodosumi.runtime.mailbox import Watched
from kodosumi.runtime.outbox import LinkError, Outbox
from kodosumi.runtime.runner import Order, Runner
from kodosumi.wire.batches import Batch, Receipt
from kodosumi.wire.events import Emitted, Kind, Meta


class Store:
    """A link that stores all at once."""

    def __init__(self) -> None:
        self.events: list[Emitted] = []

    def put(self, batch: Batch, base: int) -> Receipt:
        self.events.extend(batch.events)
        return Receipt(batch.last, batch.last)

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        pass

    def flushed(self, job: str, source: str) -> None:
        pass

    @property
    def last(self) -> str:
        assert self.events[-1].kind == Kind.STATUS
        return self.events[-1].payload


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    link = Store()
    monkeypatch.setattr(module, "RayLink", lambda _: link)
    context = SimpleNamespace(get_node_id=lambda: "node", get_actor_name=lambda: "runner-job")
    monkeypatch.setattr(module.ray, "get_runtime_context", lambda: context)
    monkeypatch.setattr(module, "leave", lambda: None)
    monkeypatch.setattr(module, "claim", lambda _: None)  # it would claim the process of the tests
    return link


def order(entry_point: Any) -> Order:
    return Order("job", "test", cloudpickle.dumps(entry_point), b"\x80\x04}.", "{}", Meta())


def run(runner: Runner, entry_point: Any) -> None:
    thread = threading.Thread(target=runner.run, args=(order(entry_point),), daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_a_job_that_is_cancelled_before_it_begins_does_not_run(store: Store) -> None:
    runner = Runner()
    answers: list[bool] = []
    call = threading.Thread(target=lambda: answers.append(runner.cancel("ann", 30)))
    call.start()
    while runner._cancelled_by is None:
        call.join(0.01)

    async def code() -> str:
        return "ran"

    run(runner, code)
    call.join(10)
    assert answers == [True]
    assert '"cancelled"' in store.last
    assert "ann" in store.last
    assert Kind.FINAL not in {event.kind for event in store.events}


def test_a_thread_that_is_left_behind_cannot_keep_the_job_from_ending(store: Store) -> None:
    over = threading.Event()

    def code(tracer: Any) -> str:
        def flood() -> None:
            while not over.wait(0.0001):
                tracer.debug_sync("more")

        threading.Thread(target=flood).start()
        return "done"

    # The pickled function would wait for an event of its own.
    runner = Runner()
    original, module.resolve = module.resolve, lambda _: code
    try:
        run(runner, "code")
    finally:
        module.resolve = original
        over.set()
    assert '"finished"' in store.last


class MumbleError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit, MumbleError])
def test_whatever_is_raised_ends_the_job(store: Store, error: type[BaseException]) -> None:
    def code() -> None:
        raise error

    run(Runner(), code)
    assert '"error"' in store.last


def test_an_entry_point_that_cannot_be_unpickled_ends_the_job(store: Store) -> None:
    runner = Runner()
    broken = order(None)._replace(entry_point=b"no pickle")
    runner.run(broken)
    assert '"error"' in store.last


def test_a_runner_that_fails_exits_nevertheless(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    exits: list[bool] = []
    monkeypatch.setattr(module, "leave", lambda: exits.append(True))
    monkeypatch.setattr(module, "RayLink", lambda _: sys.intern(1))
    Runner().run(order(None))
    assert exits == [True]


class Deaf(Store):
    """A mailbox without a panel, which does not answer the first two times."""

    def __init__(self) -> None:
        super().__init__()
        self.misses = 2

    def put(self, batch: Batch, base: int) -> Receipt:
        if self.misses:
            self.misses -= 1
            raise LinkError
        return super().put(batch, base)._replace(stored=0)


def test_a_runner_that_ends_itself_waits_for_the_mailbox_and_for_no_panel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = Deaf()
    outbox = Outbox(secrets.token_hex(12), link)
    outbox.emit(Kind.STDOUT, '"last words"')
    exits: list[str] = []
    monkeypatch.setattr(module.os, "_exit", lambda _: exits.append(link.last))
    end = threading.Thread(target=Runner()._enforce, args=(outbox, "ann", 1.0), daemon=True)
    end.start()
    end.join(10)
    outbox.close()
    (told,) = exits
    assert '"cancelled"' in told
    assert "ann" in told
    assert [event.kind for event in link.events] == [Kind.STDOUT, Kind.STATUS]
