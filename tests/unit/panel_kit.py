"""A clock that tests move, and an empty database in a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kodosumi.domain.catalog import models as _catalog  # noqa: F401 - fills the metadata
from kodosumi.domain.claims import models as _claims  # noqa: F401
from kodosumi.domain.db import Base, Database
from kodosumi.domain.jobs import models as _jobs  # noqa: F401
from kodosumi.domain.people import models as _people  # noqa: F401

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
"""Parameters of a fixture that is a database of each kind."""


def url_of(request: pytest.FixtureRequest) -> str:
    """Return the URL of the database that a fixture with BOTH is to be; empty for SQLite."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else ""


class FakeClock:
    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


@asynccontextmanager
async def empty_database(folder: Path, url: str = "") -> AsyncIterator[Database]:
    db = Database(url or f"sqlite+aiosqlite:///{folder}/test.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield db
    await db.close()
