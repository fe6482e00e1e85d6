"""`koco user`: the people of the panel."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from kodosumi.cli.config import load
from kodosumi.domain.people.models import Role
from kodosumi.domain.people.people import People

Work = Callable[[People], Awaitable[None]]

_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the panel's data.")
@click.pass_context
def user(ctx: click.Context, data: Path | None) -> None:
    """Add people, change passwords, let people in or not."""
    ctx.obj = data


@user.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.MEMBER.value,
    show_default=True,
)
@click.option("--email", default="", help="Where to reach them.")
@_from_stdin
@click.pass_obj
def add(data: Path | None, *, name: str, role: str, email: str, password_stdin: bool) -> None:
    """Add a person."""
    password = _password(from_stdin=password_stdin)

    async def work(people: People) -> None:
        await people.add(name, password, role, email)
        click.echo(f"{name} is added as {role}.")

    _with_people(data, work)


@user.command("list")
@click.pass_obj
def list_(data: Path | None) -> None:
    """List all people."""

    async def work(people: People) -> None:
        for person in await people.list():
            state = "active" if person.active else "disabled"
            click.echo(f"{person.name:24} {person.role:10} {state:10} {person.email}".rstrip())

    _with_people(data, work)


@user.command()
@click.argument("name")
@_from_stdin
@click.pass_obj
def passwd(data: Path | None, *, name: str, password_stdin: bool) -> None:
    """Give a person a new password, and end their sessions."""
    password = _password(from_stdin=password_stdin)

    async def work(people: People) -> None:
        await people.set_password(name, password)
        click.echo(f"{name} has a new password.")

    _with_people(data, work)


@user.command()
@click.argument("name")
@click.pass_obj
def disable(data: Path | None, *, name: str) -> None:
    """Shut a person out, now; their jobs stay."""

    async def work(people: People) -> None:
        await people.disable(name)
        click.echo(f"{name} is disabled.")

    _with_people(data, work)


@user.command()
@click.argument("name")
@click.pass_obj
def enable(data: Path | None, *, name: str) -> None:
    """Let a person in again."""

    async def work(people: People) -> None:
        await people.enable(name)
        click.echo(f"{name} is enabled.")

    _with_people(data, work)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _with_people(data: Path | None, work: Work) -> None:
    from kodosumi.cli.wiring import open_migrated, open_people  # noqa: PLC0415 - takes seconds

    settings = load(data=data)

    async def run() -> None:
        database = await open_migrated(settings)
        try:
            await work(open_people(settings, database))
        finally:
            await database.close()

    asyncio.run(run())
