"""The cluster over Ray: joins it, notices when it goes, and joins it again.

A Ray driver whose head node is gone is ended by Ray after a minute. So the address of the head is
tried every second; when it stops answering, this process lets go of Ray itself, and goes on without
it until a head answers again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from kodosumi.cluster import ray_calls, ray_kill, ray_tables
from kodosumi.cluster.fates import fate_of
from kodosumi.cluster.threads import in_thread
from kodosumi.domain.ports import ClusterState, ClusterUnavailableError, Fate, SourceKey
from kodosumi.runtime.link import open_mailbox
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Ended

log = logging.getLogger(__name__)

T = TypeVar("T")

PROBE = 1.0
"""Seconds between two looks at the head's port."""

MISSES = 3
"""Looks that must fail in a row before Ray counts as gone."""

ANSWER = 10.0
"""Seconds that the mailbox may take to answer, beyond the time it was given to wait."""

CALL = 20.0
"""Seconds that a call to Ray may take; one to a Ray that has just gone may never return."""

KILL = 60.0
"""Seconds that ending a job may take, workers that have to be started on other nodes included."""

JOIN = 120.0
"""Seconds that connecting may take; on a loaded machine it takes many."""

LEAVE = 60.0
"""Seconds that disconnecting may take; without a head it takes some 15."""


class RayCluster:
    """Implements the port `Cluster`. `address` is the head's host:port, or auto."""

    def __init__(self, address: str = "auto", namespace: str = "kodosumi") -> None:
        self._wanted = address
        self._namespace = namespace
        self._state = ClusterState(connected=False, reason="Not connected to Ray yet.")
        self._mailbox: Any = None
        self._doubtful = False
        self._keeper: asyncio.Task[None] | None = None

    @property
    def state(self) -> ClusterState:
        """The state of the connection as last seen."""
        return self._state

    async def start(self) -> None:
        """Begin to connect, and to reconnect for ever."""
        self._keeper = asyncio.create_task(self._keep(), name="ray")

    async def stop(self) -> None:
        """Let go of Ray. What runs there goes on."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._mailbox is not None:
            self._mailbox = None
            await _leave()

    async def drain(
        self, reader: str, stored: Mapping[SourceKey, int], wait: float
    ) -> Sequence[Batch]:
        """See the port."""
        batches: Sequence[Batch] = await self._ask(wait, "drain", reader, dict(stored), wait)
        return batches

    async def pending(self, job: str) -> int:
        """See the port."""
        return int(await self._ask(0, "pending", job))

    async def runners(self) -> frozenset[str]:
        """See the port."""
        return await self._call(ray_calls.runners, self._namespace)

    async def cancel(self, job: str, runner: str, by: str, grace: float) -> bool:
        """See the port."""
        told = await self._call(ray_calls.cancel, self._namespace, runner, by, grace)
        # For the tasks of the job, after its runner: who stops because of it has been cancelled.
        await self._ask(0, "cancel", job)
        return told

    async def stopped(self, job: str, runner: str, wait: float) -> bool:  # noqa: ARG002 - the port's
        """See the port."""
        return await self._call(
            ray_calls.stopped, self._namespace, runner, wait, seconds=wait + CALL
        )

    async def kill(self, job: str, runner: str) -> Ended:
        """See the port."""
        return await self._call(ray_kill.kill, self._namespace, job, runner, seconds=KILL)

    async def fate(self, runner: str) -> Fate | None:
        """See the port."""
        return await self._call(_fate, runner)

    async def _ask(self, wait: float, method: str, *args: object) -> Any:
        """Call the mailbox."""
        mailbox = self._mailbox
        if mailbox is None:
            raise ClusterUnavailableError(self._state.reason)
        try:
            async with asyncio.timeout(wait + ANSWER):
                answer = getattr(mailbox, method).remote(*args)
                return await asyncio.wrap_future(answer.future())
        except Exception as exc:
            self._doubt(exc)
            raise ClusterUnavailableError(_said(exc)) from exc

    def _doubt(self, exc: Exception) -> None:
        """Note that the mailbox has not answered, so that it is looked for again."""
        if not self._doubtful:
            log.warning("the mailbox did not answer: %s", _said(exc))
        self._doubtful = True

    async def _call(self, work: Callable[..., T], *args: object, seconds: float = CALL) -> T:
        """Run a blocking call to Ray in a thread."""
        if self._mailbox is None:
            raise ClusterUnavailableError(self._state.reason)
        try:
            return await in_thread(seconds, work, *args)
        except Exception as exc:
            log.warning("Ray did not answer %s: %s", work.__name__, _said(exc))
            raise ClusterUnavailableError(_said(exc)) from exc

    async def _keep(self) -> None:
        while True:
            address = await self._join()
            if address:
                await self._watch(address)
                await self._let_go(address)
            await asyncio.sleep(PROBE)

    async def _join(self) -> str | None:
        """Connect; return the head's address, or None with the reason in the state."""
        try:
            address = await in_thread(CALL, ray_calls.find_head, self._wanted)
            if not await _answers(address):
                self._away(f"Nothing answers at Ray's address {address}.")
                return None
            self._mailbox = await in_thread(JOIN, ray_calls.join, address, self._namespace)
        except Exception as exc:  # noqa: BLE001 - whatever Ray raises means that it is not there
            await _leave()
            self._away(_said(exc))
            return None
        self._doubtful = False
        version = ray_calls.version()
        self._state = ClusterState(connected=True, address=address, version=version)
        log.info("joined Ray %s at %s", version, address)
        return address

    def _away(self, reason: str) -> None:
        if reason != self._state.reason:
            log.warning("Ray is away: %s", reason)
        self._state = ClusterState(connected=False, address=self._state.address, reason=reason)

    async def _watch(self, address: str) -> None:
        """Return when the head has not answered for a few looks."""
        missed = 0
        while missed < MISSES:
            await asyncio.sleep(PROBE)
            well = await _answers(address) and await self._has_mailbox()
            missed = 0 if well else missed + 1

    async def _has_mailbox(self) -> bool:
        """Look for the mailbox again if it did not answer; a head that was replaced has another."""
        if self._doubtful:
            try:
                self._mailbox = await in_thread(CALL, open_mailbox, self._namespace)
            except Exception as exc:  # noqa: BLE001 - Ray may go away at any time
                log.warning("the mailbox cannot be had: %s", _said(exc))
                return False
            self._doubtful = False
        return True

    async def _let_go(self, address: str) -> None:
        self._mailbox = None
        self._away(f"Ray's head at {address} is gone. Jobs that ran there may be lost.")
        await _leave()


def _fate(runner: str) -> Fate | None:
    """Return why a runner is gone. What Ray says of it is its own: an odd row tells nothing."""
    actors, workers = ray_tables.actors(), ray_tables.workers()
    try:
        return fate_of(runner, actors, workers)
    except Exception:
        log.exception("what Ray says of the end of %s cannot be read", runner)
        return None


async def _leave() -> None:
    """Disconnect; a Ray that cannot even be left is left to itself."""
    try:
        await in_thread(LEAVE, ray_calls.leave)
    except Exception as exc:  # noqa: BLE001 - Ray is gone, and may say anything
        log.warning("Ray could not be left: %s", _said(exc))


async def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(PROBE):
            _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _said(exc: Exception) -> str:
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(exc).__name__
