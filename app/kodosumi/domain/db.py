"""The database: engine, sessions, and the base of all tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from advanced_alchemy.base import CommonTableAttributes, orm_registry
from advanced_alchemy.config import AsyncSessionConfig, EngineConfig, SQLAlchemyAsyncConfig
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase


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
            engine_config=EngineConfig(pool_pre_ping=not self._is_sqlite(url)),
            session_config=AsyncSessionConfig(expire_on_commit=False),
            metadata=Base.metadata,
        )
        if self._is_sqlite(url):
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
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
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=15000",
        "foreign_keys=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
