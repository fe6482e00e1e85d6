"""The catalogue: the services that are published at Ray Serve and at registered addresses."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import httpx
from sqlalchemy import select

from kodosumi.domain.access import Action, may
from kodosumi.domain.catalog.addresses import ROUTES, configured, target
from kodosumi.domain.catalog.models import Register, Service
from kodosumi.domain.catalog.probe import Look, Probe
from kodosumi.domain.catalog.registers import NOTE, Registers
from kodosumi.domain.catalog.search import counted_tags, matching
from kodosumi.domain.catalog.store import Changes, reconcile
from kodosumi.domain.db import Database
from kodosumi.domain.errors import NotFoundError
from kodosumi.domain.people.models import User
from kodosumi.domain.ports import Clock


@dataclass(frozen=True)
class CatalogState:
    """How the last look went. `reason` says why Serve is not up, `problems` what else is wrong.

    `checked_at` is 0 before the first look; Serve counts as up until then.
    """

    serve_up: bool = True
    reason: str = ""
    problems: tuple[str, ...] = ()
    checked_at: float = 0.0


class Catalog:
    """What can be launched, and where it was found.

    `serve_url` is the address of Ray Serve; `registers` are more addresses, fixed by the settings.
    """

    def __init__(
        self,
        db: Database,
        http: httpx.AsyncClient,
        clock: Clock,
        serve_url: str,
        registers: Iterable[str] = (),
    ) -> None:
        self._db = db
        self._clock = clock
        self._registers = Registers(db, clock, registers)
        self._serve = target(configured("KODO_SERVE_URL", serve_url).rstrip("/") + ROUTES)
        self._probe = Probe(http, self._serve.removesuffix(ROUTES))
        self._one_at_a_time = asyncio.Lock()
        self._written: tuple[int, float] = (0, 0.0)
        self.state = CatalogState()
        """How the last look went."""

    async def list(self, user: User, q: str = "", tags: Collection[str] = ()) -> list[Service]:
        """Return the services that can be launched and match, by summary."""
        return matching(await self._visible(user), q, tags)

    async def tags(self, user: User) -> dict[str, int]:
        """Return how many of the services have each tag."""
        return counted_tags(await self._visible(user))

    async def get(self, user: User, service_id: str) -> Service:
        """Return a service, even one that is gone.

        Raises:
            NotFoundError: there is none that this person may see.
        """
        service = await self._find(service_id) if service_id.isprintable() else None
        if service is None or not may(user, Action.SEE, service):
            msg = "There is no such service. It may have moved: look through the list."
            raise NotFoundError(msg)
        return service

    async def registers(self) -> Sequence[Register]:
        """Return the addresses that are looked at besides Serve; those of the settings first."""
        return await self._registers.all()

    async def register(self, url: str) -> Register:
        """Add an address of services; the next refresh looks at it.

        Raises:
            InvalidError: field `url`.
        """
        return await self._registers.add(url)

    async def unregister(self, url: str) -> None:
        """Forget an address; its services are gone after the next refresh.

        Raises:
            ConflictError: the settings name it.
            NotFoundError: it is not registered.
        """
        await self._registers.remove(url)

    async def refresh(self) -> Changes:
        """Look everywhere now, and return what came and went."""
        async with self._one_at_a_time:
            registers = await self.registers()
            looks = await self._look(target(register.url) for register in registers)
            changes = await self._write([*looks.values()])
            await self._registers.note(registers, looks)
            self.state = self._state_of(looks)
            return changes

    async def _find(self, service_id: str) -> Service | None:
        async with self._db.session() as session:
            return await session.get(Service, service_id)

    async def _visible(self, user: User) -> Sequence[Service]:
        async with self._db.session() as session:
            rows = (await session.scalars(select(Service).where(Service.gone_at.is_(None)))).all()
        return [row for row in rows if may(user, Action.SEE, row)]

    async def _look(self, urls: Iterable[str]) -> Mapping[str, Look]:
        order = [*dict.fromkeys((self._serve, *urls))]
        return dict(zip(order, await asyncio.gather(*map(self._probe.look, order)), strict=True))

    async def _write(self, looks: Sequence[Look]) -> Changes:
        """Bring the rows in line, unless they were brought in line with the same lately."""
        found = {one.id: one for look in reversed(looks) for one in look.services}
        unsure = frozenset(source for look in looks for source in look.unsure)
        now, digest = self._clock.now(), hash((frozenset(found.values()), unsure))
        if self._written[0] == digest and now - self._written[1] < NOTE:
            return Changes()
        async with self._db.transaction() as session:
            changes = await reconcile(session, found.values(), unsure, now)
        self._written = (digest, now)
        return changes

    def _state_of(self, looks: Mapping[str, Look]) -> CatalogState:
        serve = looks[self._serve]
        others = (look.problem for look in looks.values() if look is not serve)
        return CatalogState(
            serve_up=not serve.problem,
            reason=serve.problem,
            problems=(
                *filter(None, others),
                *(problem for look in looks.values() for problem in look.problems),
            ),
            checked_at=self._clock.now(),
        )
