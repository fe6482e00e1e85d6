"""The runner: the Ray actor that executes one job, and exits.

It tells the story of the job in events: starting, what is known of it, running, whatever the code
emits, and how it ended. The last event is the final status, sent when every other source of the job
has delivered; the process lives until all of it is stored.
"""

import asyncio
import logging
import os
import threading
import time
from typing import Any, NamedTuple

import ray
from ray import cloudpickle

from kodosumi import __version__
from kodosumi.runtime.blame import author_traceback
from kodosumi.runtime.capture import captured
from kodosumi.runtime.entry import Execution, bind, resolve
from kodosumi.runtime.link import Postbox, RayLink, install
from kodosumi.runtime.outbox import LinkError, Outbox
from kodosumi.sdk.errors import KodosumiError
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.codec import clean, pack
from kodosumi.wire.events import Failure, Kind, Meta, Status, dump
from kodosumi.wire.ids import runner_name
from kodosumi.wire.states import JobStatus

SETTLE = 3.0
"""Seconds that Ray tasks of the job have to hand over what they emitted."""

BEGIN = 5.0
"""Seconds that a call to stop waits for a runner that is just starting."""

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


class End(NamedTuple):
    """How the code ended: the status, and the event that tells the value or the error."""

    status: Status
    kind: Kind | None = None
    payload: str = ""


class Runner:
    """The actor class; see the module. Its methods run in threads of their own."""

    def __init__(self) -> None:
        self._execution: Execution | None = None
        self._outbox: Outbox | None = None
        self._cancelled_by: str | None = None
        self._over = threading.Lock()
        self._begun = threading.Event()

    def run(self, order: Order) -> None:
        """Execute the job, wait until all that it emitted is stored, and exit.

        It exits whatever happens: a job whose runner lives on is never found to be lost.
        """
        try:
            self._tell(order)
        except Exception:
            log.exception("the runner of job %s failed", order.job)
        ray.actor.exit_actor()  # type: ignore[no-untyped-call]

    def _tell(self, order: Order) -> None:
        link = RayLink(order.namespace)
        outbox = self._outbox = Outbox(order.job, link)
        outbox.cancelled = self._cancelled_by is not None
        self._begun.set()
        install(outbox)
        postbox = Postbox(outbox, order.namespace)
        self._announce(order, outbox)
        end = self._execute(order, postbox)
        self._finish(outbox, link, end, shared=postbox.shared)

    def cancel(self, by: str, grace: float) -> bool:
        """Ask the code to stop; after `grace` seconds end it. False if it does not begin."""
        self._cancelled_by = by
        if not self._begun.wait(BEGIN) or self._outbox is None:
            return False
        self._outbox.cancelled = True
        if self._execution:
            self._execution.cancel()
        deadline = threading.Timer(grace, self._enforce, (self._outbox, by, grace))
        deadline.daemon = True
        deadline.start()
        return True

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
        with captured(postbox):
            try:
                inputs = cloudpickle.loads(order.inputs)
                call = bind(resolve(cloudpickle.loads(order.entry_point)), inputs, tracer)
                self._execution = Execution(call)
                if self._cancelled_by:
                    self._execution.cancel()
                tracer.emit(Kind.STATUS, dump(Status(status=JobStatus.RUNNING)))
                value = _in_thread(self._execution)
            except asyncio.CancelledError as exc:
                return self._stopped(exc)
            except BaseException as exc:  # noqa: BLE001 - whatever the code raises ends the job
                return _failed(exc) if not self._cancelled_by else self._stopped(exc)
        if self._cancelled_by:
            return End(Status(status=JobStatus.CANCELLED, by=self._cancelled_by))
        return End(Status(status=JobStatus.FINISHED), Kind.FINAL, pack(value))

    def _stopped(self, exc: BaseException) -> End:
        if self._cancelled_by is None:
            return _failed(exc)
        return End(Status(status=JobStatus.CANCELLED, by=self._cancelled_by))

    def _finish(self, outbox: Outbox, link: RayLink, end: End, *, shared: bool) -> None:
        self._over.acquire()
        if end.kind:
            outbox.emit(end.kind, end.payload)
        if shared:
            _settle(outbox, link)
        outbox.emit_last(Kind.STATUS, dump(end.status))
        outbox.drained()

    def _enforce(self, outbox: Outbox, by: str, grace: float) -> None:
        """End a job that did not heed the call to stop."""
        if self._over.acquire(blocking=False):
            reason = f"It did not stop within {grace:g} s and was ended."
            status = Status(status=JobStatus.CANCELLED, by=by, reason=reason)
            outbox.emit_last(Kind.STATUS, dump(status))
            outbox.drained()
            os._exit(0)


def _in_thread(execution: Execution) -> Any:
    """Run `execution` in a daemon thread, which cannot keep the process from exiting."""
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["value"] = execution.run()
        except BaseException as exc:  # noqa: BLE001 - raised again below, in the waiting thread
            outcome["error"] = exc

    thread = threading.Thread(target=work, name="job", daemon=True)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _failed(exc: BaseException) -> End:
    failure = Failure(
        type=type(exc).__name__,
        message=clean(_said(exc)) or type(exc).__name__,
        traceback=clean(author_traceback(exc)),
        public=isinstance(exc, KodosumiError),
    )
    return End(Status(status=JobStatus.ERROR), Kind.ERROR, dump(failure))


def _said(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception:  # noqa: BLE001 - a broken __str__ is the author's, not ours
        return ""


def _settle(outbox: Outbox, link: RayLink) -> None:
    """Wait until the Ray tasks that hold this job's tracer have handed over what they emitted."""
    outbox.sent()
    try:
        link.settle(outbox.job, outbox.source, SETTLE)
    except LinkError:
        time.sleep(SETTLE)


def start_runner(order: Order) -> str:
    """Start the runner of a job, in the runtime environment of the calling process.

    Returns the name of its actor.
    """
    name = runner_name(order.job)
    actor: Any = (
        ray.remote(Runner)
        .options(
            name=name,
            namespace=order.namespace,
            lifetime="detached",
            num_cpus=0,
            max_restarts=0,
            max_concurrency=4,
            enable_task_events=False,
        )
        .remote()
    )
    actor.run.remote(order)
    return name
