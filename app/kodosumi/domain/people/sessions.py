"""Sessions: a random id in a cookie, its hash in the database, an idle and an absolute limit."""

import hashlib
import secrets
from contextlib import suppress

from sqlalchemy import ColumnElement, Delete, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.db import Database
from kodosumi.domain.outage import OutageError
from kodosumi.domain.people.models import User, UserSession
from kodosumi.domain.ports import Clock

TOUCH = 60.0
"""Seconds between two notes that a session is in use, so that not every request writes."""


class Sessions:
    """Opens, finds and ends sessions. `idle` and `age` are limits in seconds."""

    def __init__(self, db: Database, clock: Clock, idle: float, age: float) -> None:
        self._db = db
        self._clock = clock
        self._idle = idle
        self._age = age

    async def open(self, user: User, agent: str, previous: str | None = None) -> str:
        """Start a session in place of the `previous` one, and return its id for the cookie."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock.now()
        row = UserSession(
            id_hash=hash_of(cookie),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            agent=agent[:200],
        )
        async with self._db.transaction() as session:
            if previous:
                await session.execute(_of(previous))
            session.add(row)
        return cookie

    async def user_of(self, cookie: str) -> User | None:
        """Return the active user of a living session, and note that it is in use."""
        query = select(UserSession).where(UserSession.id_hash == hash_of(cookie), self._alive())
        async with self._db.session() as session:
            found = await session.scalar(query)
        if found is None or not found.user.active:
            return None
        if self._clock.now() - found.seen_at >= TOUCH:
            await self._touch(found)
        return found.user

    async def close(self, cookie: str) -> None:
        """End the session of this cookie, if there is one."""
        async with self._db.transaction() as session:
            await session.execute(_of(cookie))

    async def sweep(self) -> None:
        """Remove the sessions that are over."""
        async with self._db.transaction() as session:
            await session.execute(delete(UserSession).where(or_(*self._limits())))

    def _limits(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        now = self._clock.now()
        return UserSession.seen_at <= now - self._idle, UserSession.created_at <= now - self._age

    def _alive(self) -> ColumnElement[bool]:
        return and_(*(~limit for limit in self._limits()))

    async def _touch(self, found: UserSession) -> None:
        """Note it, unless the database has other troubles: pages can be read without."""
        if self._db.busy:
            return
        now = self._clock.now()
        note = update(UserSession).where(UserSession.id_hash == found.id_hash)
        with suppress(OutageError):
            async with self._db.transaction() as session:
                await session.execute(note.values(seen_at=now))


async def close_all(session: AsyncSession, user: User) -> None:
    """End every session of `user` within the transaction."""
    await session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def _of(cookie: str) -> Delete:
    return delete(UserSession).where(UserSession.id_hash == hash_of(cookie))


def hash_of(cookie: str) -> str:
    """Return what is stored of a cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
