"""The claim on spooling into a database."""

from pathlib import Path

from sqlalchemy import make_url

from kodosumi.domain.claims.claims import Claims
from kodosumi.domain.claims.file import holder
from kodosumi.domain.claims.holder import Holder
from kodosumi.domain.db import Database

SPOOLING = "spooler"
"""The name of the claim in PostgreSQL."""


async def who_spools(db: Database) -> Holder | None:
    """Return which process spools into this database, None if none does."""
    return holder(lock_of(db)) if db.is_sqlite else await Claims(db, SPOOLING).holder()


def lock_of(db: Database) -> Path:
    """Return the file that is locked by who spools into this SQLite file: it lies beside it."""
    return Path(f"{make_url(db.url).database}.spooler")
