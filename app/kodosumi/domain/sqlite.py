"""SQLite by one visit to the connection's thread for each statement, instead of four.

aiosqlite goes there to make a cursor, to execute, to fetch and to close. A visit costs more than
most of our statements do.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable
from typing import Any, Self

import aiosqlite

_FETCHED_AT_ONCE = 64


class Connection(aiosqlite.Connection):
    """A connection whose cursors fetch what they find as they execute."""

    def cursor(self) -> Any:
        """Return a cursor; it visits the thread only to execute."""
        return _Cursor(self)


def connect(*args: Any, **options: Any) -> Connection:
    """Return a connection to be awaited; the arguments are those of `sqlite3.connect`.

    Its thread does not keep the process from ending.
    """
    connection = Connection(lambda: sqlite3.connect(*args, **options), _FETCHED_AT_ONCE)
    connection._thread.daemon = True  # noqa: SLF001 - there is no other way to say so
    return connection


class _Cursor:
    """What SQLAlchemy uses of a cursor; `execute` leaves nothing open behind it."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> None:
        await self._visit("execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> None:
        await self._visit("executemany", sql, parameters)

    async def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        count = min(size or self.arraysize, len(self._rows))
        return [self._rows.popleft() for _ in range(count)]

    async def fetchall(self) -> list[Any]:
        return await self.fetchmany(len(self._rows))

    async def close(self) -> None:
        self._rows.clear()

    async def _visit(self, method: str, sql: str, parameters: Any) -> None:
        def run() -> None:
            cursor = self._connection._conn.cursor()  # noqa: SLF001 - this is its thread
            try:
                getattr(cursor, method)(sql, parameters)
                self.description = cursor.description
                if cursor.description:
                    self._rows.extend(cursor.fetchall())
                self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        await self._connection._execute(run)  # type: ignore[no-untyped-call]  # noqa: SLF001
