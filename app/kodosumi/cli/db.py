"""`koco db`: the form of the database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from kodosumi.cli.config import load
from kodosumi.cli.failures import Trouble
from kodosumi.domain import migrate
from kodosumi.domain.db import Database

Work = Callable[[Database], Awaitable[None]]


@click.group()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the panel's data.")
@click.pass_context
def db(ctx: click.Context, data: Path | None) -> None:
    """Migrate and check the database; the panel migrates by itself when it starts."""
    ctx.obj = data


@db.command()
@click.pass_obj
def upgrade(data: Path | None) -> None:
    """Bring the database to the form that this version needs."""

    async def work(database: Database) -> None:
        before = await migrate.current(database)
        await migrate.upgrade(database)
        after = await migrate.current(database)
        click.echo(f"Already at {after}." if before == after else f"Upgraded to {after}.")

    _with_database(data, work)


@db.command()
@click.pass_obj
def check(data: Path | None) -> None:
    """Tell whether the tables are as this version needs them."""

    async def work(database: Database) -> None:
        if differences := await migrate.check(database):
            lines = "\n  ".join(differences)
            msg = f"The tables differ from what is needed:\n  {lines}\nRun koco db upgrade."
            raise Trouble(msg)
        click.echo("The tables are as they should be.")

    _with_database(data, work)


@db.command()
@click.pass_obj
def current(data: Path | None) -> None:
    """Print the revision of the database, and the one that this version needs."""

    async def work(database: Database) -> None:
        found = await migrate.current(database)
        click.echo(f"{found or 'empty'} (needed: {migrate.newest()})")

    _with_database(data, work)


def _with_database(data: Path | None, work: Work) -> None:
    from kodosumi.cli.wiring import open_database  # noqa: PLC0415 - takes seconds

    database = open_database(load(data=data))

    async def run() -> None:
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(run())
