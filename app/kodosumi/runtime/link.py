"""The way from a process of a job to the mailbox, over Ray."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import ray

from kodosumi.runtime.mailbox import Left, Mailbox, Watched
from kodosumi.runtime.names import MAILBOX
from kodosumi.runtime.outbox import WATCH, LinkError, Outbox
from kodosumi.wire.batches import Batch, Receipt

ANSWER = 15.0
"""Seconds that the mailbox may take to answer."""


def open_mailbox(namespace: str) -> Any:
    """Return the handle of the mailbox actor in `namespace`; start it if there is none."""
    return (
        ray.remote(Mailbox)
        .options(
            name=MAILBOX,
            namespace=namespace,
            get_if_exists=True,
            lifetime="detached",
            num_cpus=0,
            max_restarts=-1,
            max_concurrency=10_000,
            enable_task_events=False,
        )
        .remote()
    )


class RayLink:
    """Calls the mailbox actor; see `outbox.Link`."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self._mailbox = open_mailbox(namespace)
        self._dead = False

    def greet(self) -> None:
        """Have the mailbox answer, so that the way is open when the first event takes it."""
        with suppress(LinkError):  # then the first event opens it
            self._ask("pending", "")

    def hello(self, job: str, source: str) -> None:
        """Introduce a source; see `Mailbox.hello`."""
        self._ask("hello", job, source)

    def put(self, batch: Batch, base: int) -> Receipt:
        """Send a batch; see `Mailbox.put`."""
        receipt: Receipt = self._ask("put", batch, base)
        return receipt

    def flushed(self, job: str, source: str) -> None:
        """See `Mailbox.flushed`."""
        self._ask("flushed", job, source)

    def settle(self, job: str, source: str, wait: float) -> Left:
        """See `Mailbox.settle`."""
        left: Left = self._ask("settle", job, source, wait)
        return left

    def over(self, job: str) -> None:
        """See `Mailbox.over`."""
        self._ask("over", job)

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        """Start a `Mailbox.watch`; `then` gets its answer, or None, on one of Ray's threads."""

        def done(future: Future[Watched]) -> None:
            error = future.exception()
            self._note(error)
            then(None if error else future.result())

        try:
            asked = self._living().watch.remote(job, source, stored, WATCH)
        except Exception as exc:  # noqa: BLE001 - Ray is going away
            self._note(exc)
            then(None)
        else:
            asked.future().add_done_callback(done)

    def _ask(self, method: str, *args: object) -> Any:
        try:
            return ray.get(getattr(self._living(), method).remote(*args), timeout=ANSWER)
        except Exception as exc:
            self._note(exc)
            raise LinkError(str(exc)) from exc

    def _note(self, error: BaseException | None) -> None:
        self._dead = self._dead or isinstance(error, ray.exceptions.ActorDiedError)

    def _living(self) -> Any:
        """Return the mailbox; another one, if the one known here was ended for good."""
        if self._dead:
            self._mailbox = open_mailbox(self.namespace)
            self._dead = False
        return self._mailbox


_outboxes: dict[str, Outbox] = {}
_lock = threading.Lock()


class Postbox:
    """The emitter of a job's tracer: wherever it is unpickled, it finds that process's outbox."""

    def __init__(self, outbox: Outbox, namespace: str) -> None:
        self.outbox = outbox
        self.namespace = namespace
        self.shared = False
        self.emit = outbox.emit
        self.make_room = outbox.make_room

    @property
    def cancelled(self) -> bool:
        """True once somebody asked the job to stop."""
        return self.outbox.cancelled

    @property
    def crowded(self) -> bool:
        """True while emitting should slow down."""
        return self.outbox.crowded

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        self.shared = True
        return attach, (self.outbox.job, self.namespace)


def install(outbox: Outbox) -> None:
    """Make `outbox` the one of its job in this process."""
    with _lock:
        _outboxes[outbox.job] = outbox


def outboxes() -> list[Outbox]:
    """Return the outboxes of this process."""
    return list(_outboxes.values())


def renew() -> None:
    """Be usable in a forked child, whatever the parent's threads were doing."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


def attach(job: str, namespace: str) -> Postbox:
    """Return the way out for events of `job` from this process.

    The first call in a process tells the mailbox of the new source before it returns, so that the
    end of the job can wait for what this process emits.
    """
    with _lock:
        for known in [known for known, outbox in _outboxes.items() if outbox.over]:
            del _outboxes[known]
        if job not in _outboxes:
            link = RayLink(namespace)
            _outboxes[job] = outbox = Outbox(job, link, resident=True)
            with suppress(LinkError):  # then its first watch introduces it
                link.hello(job, outbox.source)
        return Postbox(_outboxes[job], namespace)
