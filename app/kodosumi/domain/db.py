"""The database: engine, sessions, and the base of all tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from advanced_alchemy.base import CommonTableAttributes, orm_registry
from advanced_alchemy.config import AsyncSessionConfig, EngineConfig, SQLAlchemyAsyncConfig
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase

from kodosumi.domain.sqlite import connect

WRITES = "writes"
"""Execution option of transactions that write: SQLite's are serialised from their start."""


class Base(CommonTableAttributes, DeclarativeBase):
    """Base of all tables; names of constraints follow advanced-alchemy's convention."""

    registry = orm_registry


class Database:
    """One engine and its sessions.

    `url` is an SQLAlchemy URL for aiosqlite or asyncpg. Nothing is opened until first used.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.config = SQLAlchemyAsyncConfig(
            connection_string=url,
            engine_config=_engine_config(sqlite=self._is_sqlite(url)),
            session_config=AsyncSessionConfig(expire_on_commit=False),
            metadata=Base.metadata,
        )
        if self._is_sqlite(url):
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        self._make_session = self.config.create_session_maker()

    @staticmethod
    def _is_sqlite(url: str) -> bool:
        return url.startswith("sqlite")

    @property
    def engine(self) -> AsyncEngine:
        """The SQLAlchemy engine."""
        return self.config.get_engine()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a session to read with; nothing is committed."""
        async with self._make_session() as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a session that commits at the end of the block, or rolls back when it raises."""
        async with self._make_session() as session, session.begin():
            await session.connection(execution_options={WRITES: True})
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _engine_config(*, sqlite: bool) -> EngineConfig:
    if sqlite:
        return EngineConfig(connect_args={"async_creator_fn": connect})
    return EngineConfig(pool_pre_ping=True)


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what is acknowledged to its source survives a power cut
        "busy_timeout=15000",
        "foreign_keys=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start, where waiting for it works; later, SQLite refuses."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
