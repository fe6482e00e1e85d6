"""The database: engine, sessions, and the base of all tables."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from advanced_alchemy.base import CommonTableAttributes, orm_registry
from advanced_alchemy.config import AsyncSessionConfig, EngineConfig, SQLAlchemyAsyncConfig
from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase

from kodosumi.domain.outage import BUSY_ELSEWHERE, OutageError, outage_of
from kodosumi.domain.sqlite import connect

log = logging.getLogger(__name__)

WRITES = "writes"
"""Execution option of transactions that write: SQLite's are serialised from their start."""

BUSY = 15.0
"""Seconds that a change waits for others to end theirs, in this process and in another one."""

_POSTGRES: dict[str, Any] = {
    "timeout": 5,
    "server_settings": {
        "application_name": "kodosumi",
        "jit": "off",
        # A process that sleeps, or whose machine is gone, must not keep its locks.
        "idle_in_transaction_session_timeout": "5000",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "2",
    },
}


class Base(CommonTableAttributes, DeclarativeBase):
    """Base of all tables; names of constraints follow advanced-alchemy's convention."""

    registry = orm_registry


class Database:
    """One engine and its sessions.

    `url` is an SQLAlchemy URL for aiosqlite or asyncpg. Nothing is opened until first used.
    Sessions and transactions raise OutageError when the database does not work; `outage` tells why
    the last change failed so, and is empty when it did not.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.outage = ""
        self.is_sqlite = url.startswith("sqlite")
        self._turn = asyncio.Lock()
        self.config = SQLAlchemyAsyncConfig(
            connection_string=url,
            engine_config=_engine_config(sqlite=self.is_sqlite),
            session_config=AsyncSessionConfig(expire_on_commit=False),
            metadata=Base.metadata,
        )
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        self._make_session = self.config.create_session_maker()

    @property
    def engine(self) -> AsyncEngine:
        """The SQLAlchemy engine."""
        return self.config.get_engine()

    @property
    def busy(self) -> bool:
        """True when a change would have to wait, or fail."""
        return bool(self.outage) or self._turn.locked()

    @asynccontextmanager
    async def another(self) -> AsyncIterator["Database"]:
        """Open one more to the same database, whose connections nobody else uses."""
        own = Database(self.url)
        try:
            yield own
        finally:
            await own.close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a session to read with; nothing is committed."""
        with _outages():
            async with self._make_session() as session:
                yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a session that commits at the end of the block, or rolls back when it raises."""
        try:
            with _outages():
                async with self._alone(), self._make_session() as session, session.begin():
                    await session.connection(execution_options={WRITES: True})
                    yield session
        except OutageError as error:
            self._note(str(error))
            raise
        self._note("")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Have SQLite's writers of this process take turns: in its own queue the quick one wins.

        So one connection at most waits for another process, and readers have the others.
        """
        if not self.is_sqlite:
            yield
            return
        try:
            await asyncio.wait_for(self._turn.acquire(), BUSY)
        except TimeoutError as error:
            raise OutageError(BUSY_ELSEWHERE) from error
        try:
            yield
        finally:
            self._turn.release()

    def _note(self, outage: str) -> None:
        if outage and not self.outage:
            log.error("the database takes no changes: %s", outage)
        elif self.outage and not outage:
            log.info("the database takes changes again")
        self.outage = outage


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        if text := outage_of(error):
            raise OutageError(text) from error
        raise


def _engine_config(*, sqlite: bool) -> EngineConfig:
    if sqlite:
        return EngineConfig(connect_args={"async_creator_fn": connect})
    return EngineConfig(pool_pre_ping=True, connect_args=_POSTGRES)


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what is acknowledged to its source survives a power cut
        f"busy_timeout={BUSY * 1000:.0f}",
        "foreign_keys=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start, where waiting for it works; later, SQLite refuses."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
