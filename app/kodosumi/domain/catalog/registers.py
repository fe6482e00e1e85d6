"""The addresses that are looked at besides Serve: those of the settings, and those people added."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from kodosumi.domain.catalog.addresses import checked, configured, target
from kodosumi.domain.catalog.models import Register
from kodosumi.domain.catalog.probe import Look
from kodosumi.domain.db import Database
from kodosumi.domain.errors import ConflictError, NotFoundError
from kodosumi.domain.ports import Clock

NOTE = 60.0
"""Seconds between two notes that everything is as it was, so that not every look writes."""


class Registers:
    """Keeps addresses; `fixed` ones come from the settings and are not in the database."""

    def __init__(self, db: Database, clock: Clock, fixed: Iterable[str]) -> None:
        self._db = db
        self._clock = clock
        addresses = [configured("KODO_REGISTER", url) for url in fixed]
        self._fixed = {url: self._new(url) for url in addresses}

    async def all(self) -> Sequence[Register]:
        """Return all registers, those of the settings first."""
        async with self._db.session() as session:
            stored = await session.scalars(select(Register).order_by(Register.added_at))
            return [*self._fixed.values(), *(row for row in stored if row.url not in self._fixed)]

    async def add(self, url: str) -> Register:
        """Add an address, unless it is there. Raises InvalidError."""
        url = checked(url)
        known = {register.url: register for register in await self.all()}
        if url not in known:
            known[url] = self._new(url)
            with suppress(IntegrityError):  # somebody else may be quicker
                async with self._db.transaction() as session:
                    session.add(known[url])
        return known[url]

    async def remove(self, url: str) -> None:
        """Forget an address. Raises ConflictError for one of the settings, or NotFoundError."""
        if url in self._fixed:
            msg = f"{url} comes from the settings. Take it out of KODO_REGISTER or --register."
            raise ConflictError(msg)
        async with self._db.transaction() as session:
            query = delete(Register).where(Register.url == url).returning(Register.url)
            if not url.isprintable() or await session.scalar(query) is None:
                msg = f"{url} is not registered."
                raise NotFoundError(msg)

    async def note(self, registers: Sequence[Register], looks: Mapping[str, Look]) -> None:
        """Write down what the registers showed, where it is news; `looks` go by target."""
        for register in registers:
            if news := self._news(register, looks[target(register.url)]):
                await self._update(register, news)

    async def _update(self, register: Register, news: Mapping[str, object]) -> None:
        for field, value in news.items():
            setattr(register, field, value)
        if register.url not in self._fixed:
            async with self._db.transaction() as session:
                await session.execute(
                    update(Register).where(Register.url == register.url).values(**news)
                )

    def _news(self, register: Register, look: Look) -> Mapping[str, object]:
        now = self._clock.now()
        news: dict[str, object] = {}
        problem = " ".join(filter(None, (look.problem, *look.problems)))[:500]
        if problem != register.problem:
            news["problem"] = problem
        if not look.problem and (news or now - (register.seen_at or 0) >= NOTE):
            news["seen_at"] = now
        return news

    def _new(self, url: str) -> Register:
        return Register(url=url, added_at=self._clock.now(), seen_at=None, problem="")
