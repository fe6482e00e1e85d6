"""Migrations: what brings the tables of a database to the form that this version needs."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from kodosumi.domain.db import WRITES, Base, Database
from kodosumi.domain.errors import ConflictError
from kodosumi.paths import MIGRATIONS

_LOCK_KEY = 0x6B6F646F  # "kodo", for PostgreSQL's advisory lock


async def upgrade(db: Database) -> None:
    """Bring the database to the newest form, all or nothing; makes the folder of an SQLite file.

    Panels that start at the same time wait for one another.

    Raises:
        ConflictError: the database was made by a newer version.
    """
    async with _alone(db), _whole(db) as connection:
        await connection.run_sync(_upgrade)


async def current(db: Database) -> str | None:
    """Return the revision of the database, None if it is empty."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_revision)


async def check(db: Database) -> list[str]:
    """Return the differences between the tables of the database and the models; none is good."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_differences)


async def draft(db: Database, message: str) -> None:
    """Write a migration file for what the models have and the database has not."""
    async with db.engine.connect() as connection:
        await connection.run_sync(_draft, message)


def newest() -> str | None:
    """Return the revision that this version needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _upgrade(connection: Connection) -> None:
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision is not None and revision not in known:
        msg = (
            f"The database is of a newer version of kodosumi (revision {revision}). "
            "Use that version, or a backup from before."
        )
        raise ConflictError(msg)
    if revision != newest():
        command.upgrade(_config(connection), "head")


def _draft(connection: Connection, message: str) -> None:
    number = len(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())) + 1
    command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04}")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [str(difference) for difference in compare_metadata(context, _tables())]


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection, "metadata": _tables()})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _tables() -> MetaData:
    """Return all tables; a model must have been imported to be among them."""
    here = Path(__file__).parent
    for path in sorted(here.glob("*/models.py")):
        import_module(f"{__package__}.{path.parent.name}.models")
    return Base.metadata


def _alone(db: Database) -> AbstractAsyncContextManager[None]:
    """Return a lock among the processes that use this SQLite file; PostgreSQL has its own."""
    url = make_url(db.url)
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return nullcontext()
    return _file_lock(Path(str(url.database)))


@asynccontextmanager
async def _file_lock(database: Path) -> AsyncIterator[None]:
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _whole(db: Database) -> AsyncIterator[AsyncConnection]:
    """Open a connection whose changes of tables are committed together, or not at all."""
    async with db.engine.connect() as connection:
        await connection.execution_options(**{WRITES: True})
        async with _without_foreign_keys(connection), connection.begin():
            if connection.dialect.name == "postgresql":
                # Alembic may think for longer between two statements than others may.
                await connection.exec_driver_sql(
                    "SET LOCAL idle_in_transaction_session_timeout = 0"
                )
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
            yield connection


@asynccontextmanager
async def _without_foreign_keys(connection: AsyncConnection) -> AsyncIterator[None]:
    """Keep the rows that refer to a table that SQLite makes anew; set outside a transaction."""
    driver = (await connection.get_raw_connection()).driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    await driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        await driver.execute("PRAGMA foreign_keys=ON")
