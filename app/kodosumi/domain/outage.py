"""When the database does not work: full, locked, away. It passes, and nothing is lost by it."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

BUSY_ELSEWHERE = "Another process keeps the database locked."

_SQLITE = {
    "SQLITE_FULL": "The disk of the database is full.",
    "SQLITE_IOERR": "The disk of the database fails, or is full.",
    "SQLITE_BUSY": BUSY_ELSEWHERE,
    "SQLITE_LOCKED": BUSY_ELSEWHERE,
    "SQLITE_READONLY": "The file of the database cannot be written.",
    "SQLITE_CANTOPEN": "The file of the database cannot be opened.",
}
"""By the beginning of SQLite's error names."""

_POSTGRES = {
    "53100": "The disk of the database is full.",
    "53": "The database is short of something, maybe of connections.",
    "08": "The connection to the database is lost.",
    "57": "The database stops, or starts.",
    "58": "The disk of the database fails.",
    "25P03": "The panel was asleep in the middle of a transaction.",
    "25006": "The database takes no changes now.",
}
"""By the beginning of PostgreSQL's error codes, the longer ones first."""

_AWAY = "The database cannot be reached."


class OutageError(SQLAlchemyError):
    """The database does not work now; its text is one line for people. Trying again may help."""


def outage_of(error: BaseException) -> str:
    """Return in one line why the database does not work; empty if `error` is about other things."""
    if isinstance(error, OutageError):
        return str(error)
    if isinstance(error, OSError | NoConnectionError):  # no connection was had at all
        return _AWAY
    if not isinstance(error, DBAPIError):
        return ""
    if isinstance(error.orig, sqlite3.Error):
        return _by_prefix(_SQLITE, getattr(error.orig, "sqlite_errorname", None))
    known = _by_prefix(_POSTGRES, getattr(error.orig, "sqlstate", None))
    return known or (_AWAY if error.connection_invalidated else "")


def _by_prefix(table: dict[str, str], code: str | None) -> str:
    return next((text for start, text in table.items() if (code or "").startswith(start)), "")
