"""Runs the panel under uvicorn, in this process."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar

from kodosumi.cli import logs
from kodosumi.cli.addresses import listen, panel_url
from kodosumi.cli.limits import allow_many_files, spare_the_collector
from kodosumi.cli.signals import on_stop
from kodosumi.cli.wiring import open_cluster, open_migrated, open_people, panel
from kodosumi.domain.people.people import People
from kodosumi.settings import Settings

PATIENCE = 2
"""Seconds that open requests, such as streams, get at the end."""


class _Server(uvicorn.Server):
    """Awaits `when_up` as soon as it listens; leaves signals to us."""

    def __init__(self, config: uvicorn.Config, when_up: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._when_up = when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        spare_the_collector()
        await self._when_up()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def ask_to_stop(self) -> None:
        """Stop soon."""
        self.should_exit = True


def run(settings: Settings, fd: int | None = None) -> None:
    """Serve the panel until SIGINT or SIGTERM, which must be held already.

    `fd` is a socket that listens, given by the parent process.

    Raises:
        Trouble: the port is taken.
        DomainError: the database cannot be used, or the first admin has no password.
    """
    logs.set_up(settings.log_level)
    allow_many_files()
    sock = listen(settings) if fd is None else socket.socket(fileno=fd)
    loop_factory = uvicorn.Config("", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(settings, sock))


async def _serve(settings: Settings, sock: socket.socket) -> None:
    db = await open_migrated(settings)
    people = open_people(settings, db)
    await _ensure_admin(settings, people)
    app = panel(settings, db, open_cluster(settings))

    async def greet() -> None:
        print(await _greeting(settings, people), flush=True)

    server = _Server(_config(app, settings), greet)
    on_stop(server.ask_to_stop)
    await server.serve(sockets=[sock])


def _config(app: Litestar, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=settings.log_level == "debug",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=PATIENCE,
    )


async def _ensure_admin(settings: Settings, people: People) -> None:
    """Do first what the panel does as well: here a refusal is told in plain words."""
    password = settings.admin_password
    await people.ensure_first_admin(
        password.get_secret_value() if password else None, on_loopback=settings.on_loopback
    )


async def _greeting(settings: Settings, people: People) -> str:
    """Say where the panel is, and how to sign in as long as nobody has changed that."""
    text = f"The panel is up: {panel_url(settings)}"
    if await people.default_password_in_use():
        text += "\nSign in as admin with the password admin, and change it soon."
    return text
