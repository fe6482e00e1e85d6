"""The runner: the Ray actor that executes one job, and exits.

It tells the story of the job in events: starting, what is known of it, running, whatever the code
emits, and how it ended. The last event is the final status, sent when every other source of the job
has delivered; the process lives until all of it is stored.
"""

import logging
import os
import threading
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import ray
from ray import cloudpickle

from kodosumi import __version__
from kodosumi.runtime import endings
from kodosumi.runtime.capture import Capture
from kodosumi.runtime.endings import End
from kodosumi.runtime.entry import bind, resolve
from kodosumi.runtime.execution import Execution
from kodosumi.runtime.exits import tell_of_exit
from kodosumi.runtime.link import Postbox, RayLink, install
from kodosumi.runtime.marks import Role, claim
from kodosumi.runtime.outbox import LinkError, Outbox
from kodosumi.runtime.settling import settle
from kodosumi.runtime.stopping import sweep
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.events import Ended, Kind, Meta, Status, dump
from kodosumi.wire.ids import runner_name
from kodosumi.wire.states import JobStatus

BEGIN = 5.0
"""Seconds that a call to stop waits for a runner that is just starting."""

EXIT = 5.0
"""Seconds that the process of a job that is over may take to exit by itself."""

ALONE = 15.0
"""Seconds after the grace period in which the panel may end a job before its runner does."""

log = logging.getLogger(__name__)


class Order(NamedTuple):
    """What a runner is told. `entry_point` and `inputs` are pickled, so that an error is shown."""

    job: str
    namespace: str
    entry_point: bytes
    inputs: bytes
    shown: str
    """The inputs as JSON text, secrets masked."""
    meta: Meta


class Runner:
    """The actor class; see the module. Its methods run in threads of their own."""

    def __init__(self) -> None:
        self._execution: Execution | None = None
        self._outbox: Outbox | None = None
        self._cancelled_by: str | None = None
        self._over = threading.Lock()
        self._begun = threading.Event()
        self._done = threading.Event()
        self._link: RayLink | None = None
        self._capture: Capture | None = None

    def run(self, order: Order) -> None:
        """Execute the job, wait until all that it emitted is stored, and exit.

        It exits whatever happens: a job whose runner lives on is never found to be lost.
        """
        try:
            self._tell(order)
        except BaseException:
            log.exception("the runner of job %s failed", order.job)
        leave()

    def _tell(self, order: Order) -> None:
        claim(order.job)
        link = self._link or RayLink(order.namespace)
        capture = self._capture or Capture.install()
        outbox = self._outbox = Outbox(order.job, link)
        outbox.cancelled = self._cancelled_by is not None
        self._begun.set()
        install(outbox)
        postbox = Postbox(outbox, order.namespace)
        tell_of_exit(outbox, capture.finish)
        self._announce(order, outbox)
        capture.begin(postbox)
        end = self._execute(order, postbox)
        self._done.set()
        capture.finish()
        self._finish(outbox, link, end, shared=postbox.shared)

    def cancel(self, by: str, grace: float) -> bool:
        """Ask the code to stop within `grace` seconds. False if it does not begin.

        The panel ends what goes on longer; where it is away, the runner does so itself.
        """
        if self._cancelled_by is not None:
            return True
        self._cancelled_by = by
        if not self._begun.wait(BEGIN) or self._outbox is None:
            return False
        self._outbox.cancelled = True
        if self._execution:
            self._execution.cancel()
        deadline = threading.Timer(grace + ALONE, self._enforce, (self._outbox, by, grace))
        deadline.daemon = True
        deadline.start()
        return True

    def stopped(self, wait: float) -> bool:
        """Wait until the code has ended; False if it has not after `wait` seconds."""
        return self._done.wait(wait)

    def last_words(self, wait: float) -> None:
        """Hand over what the code has emitted, before this process is ended by force."""
        if self._outbox:
            self._outbox.sent(wait)

    def _announce(self, order: Order, outbox: Outbox) -> None:
        here = ray.get_runtime_context()
        known = {
            "runner": here.get_actor_name(),
            "node": here.get_node_id(),
            "pid": os.getpid(),
            "kodosumi_version": __version__,
        }
        outbox.emit(Kind.STATUS, dump(Status(status=JobStatus.STARTING)))
        outbox.emit(Kind.META, dump(order.meta.model_copy(update=known)))
        outbox.emit(Kind.INPUTS, order.shown)

    def _execute(self, order: Order, postbox: Postbox) -> End:
        tracer = Tracer(order.job, postbox)
        try:
            inputs = cloudpickle.loads(order.inputs)
            call = bind(resolve(cloudpickle.loads(order.entry_point)), inputs, tracer)
            self._execution = Execution(call)
            if self._cancelled_by:
                self._execution.cancel()
            tracer.emit(Kind.STATUS, dump(Status(status=JobStatus.RUNNING)))
            end = endings.finished(self._execution.run())
        except BaseException as exc:  # noqa: BLE001 - whatever the code raises ends the job
            end = endings.failed(exc)
        return endings.cancelled(self._cancelled_by) if self._cancelled_by else end

    def _finish(self, outbox: Outbox, link: RayLink, end: End, *, shared: bool) -> None:
        self._over.acquire()
        if end.kind:
            outbox.emit(end.kind, end.payload)
        if shared:
            settle(outbox, link)
        outbox.emit_last(Kind.STATUS, dump(end.status))
        outbox.drained()
        if shared:
            with suppress(LinkError):  # then its sources rest when they have long been silent
                link.over(outbox.job)

    def _enforce(self, outbox: Outbox, by: str, grace: float) -> None:
        """End a job that did not heed the call to stop, when the mailbox has all that it emitted.

        A thread cannot be stopped, so the author's code goes on until this process exits. To wait
        until all is *stored* would let it go on as long as the panel is away. The price: a mailbox
        that dies too before a panel is back loses what it held, and the job is told as lost then.
        What the mailbox has not taken is never given up for this.
        """
        if self._over.acquire(blocking=False):
            reason = f"It did not stop within {grace:g} s."
            ended = _end_others(outbox.job)
            status = Status(status=JobStatus.CANCELLED, by=by, reason=reason, ended=ended)
            outbox.emit_last(Kind.STATUS, dump(status))
            outbox.sent()
            os._exit(0)


def _end_others(job: str) -> Ended:
    """End what the job has started on this machine, but for this process, which follows."""
    swept = sweep(job, {})
    return Ended(
        runner=True,
        tasks=swept.count(Role.TASK),
        actors=swept.count(Role.ACTOR),
        processes=swept.count(Role.CHILD),
    )


def leave() -> None:
    """End this actor and its process, even if threads of the author's code hold on to it."""
    force = threading.Timer(EXIT, os._exit, (0,))
    force.daemon = True
    force.start()
    ray.actor.exit_actor()  # type: ignore[no-untyped-call]


def make_actor(kind: Any, name: str, namespace: str, *args: object) -> Any:
    """Start a runner, in the runtime environment of the calling process; return its handle.

    `kind` is the actor class as Ray has made it.
    """
    options = {
        "name": name,
        "namespace": namespace,
        "lifetime": "detached",
        "num_cpus": 0,
        "max_restarts": 0,
        "max_concurrency": 8,
        "enable_task_events": False,
    }
    return kind.options(**options).remote(*args)


@cache
def _actor_class() -> Any:
    """Return the actor class, always the same: each new one is pickled and sent to Ray."""
    return ray.remote(Runner)


def start_runner(order: Order) -> str:
    """Start the runner of a job; return the name of its actor."""
    name = runner_name(order.job)
    make_actor(_actor_class(), name, order.namespace).run.remote(order)
    return name
