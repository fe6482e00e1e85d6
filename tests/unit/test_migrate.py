"""Migrations on real SQLite files."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from kodosumi.domain import migrate
from kodosumi.domain.db import Database
from kodosumi.domain.errors import ConflictError
from kodosumi.domain.people.models import User


@asynccontextmanager
async def database(path):
    db = Database(f"sqlite+aiosqlite:///{path}")
    try:
        yield db
    finally:
        await db.close()


async def test_from_nothing_to_what_the_models_say(tmp_path):
    async with database(tmp_path / "not" / "there %" / "yet.db") as db:
        await migrate.upgrade(db)
        assert await migrate.current(db) == migrate.newest()
        assert await migrate.check(db) == []
        await migrate.upgrade(db)
        async with db.transaction() as session:
            session.add(User(name="Ann", password="", created_at=0))


async def test_drift_is_seen(tmp_path):
    async with database(tmp_path / "x.db") as db:
        await migrate.upgrade(db)
        async with db.transaction() as session:
            await session.execute(text("ALTER TABLE users DROP COLUMN email"))
            await session.execute(text("DROP INDEX ix_jobs_list"))
        drift = " ".join(await migrate.check(db))
        assert "email" in drift
        assert "ix_jobs_list" in drift


async def test_many_at_once_wait_for_one_another(tmp_path):
    async def start():
        async with database(tmp_path / "x.db") as db:
            await migrate.upgrade(db)
            return await migrate.current(db)

    assert set(await asyncio.gather(*(start() for _ in range(5)))) == {migrate.newest()}


async def test_a_newer_database_is_refused_in_one_line(tmp_path):
    async with database(tmp_path / "x.db") as db:
        await migrate.upgrade(db)
        async with db.transaction() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(ConflictError, match=r"newer version.*9999") as refusal:
            await migrate.upgrade(db)
        assert "\n" not in str(refusal.value)


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path):
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as taken:
        taken.execute("CREATE TABLE sources (mine INTEGER)")
    taken.close()
    async with database(file) as db:
        with pytest.raises(Exception, match="sources already exists"):
            await migrate.upgrade(db)
        async with db.session() as session:
            names = await session.scalars(text("SELECT name FROM sqlite_master"))
            assert set(names) == {"sources"}
            assert await session.scalar(text("PRAGMA foreign_keys")) == 1
