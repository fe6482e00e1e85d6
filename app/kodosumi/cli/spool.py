"""`koco spool`: the spooler in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from kodosumi.background.claim import Claim
from kodosumi.cli import logs
from kodosumi.cli.config import load
from kodosumi.cli.failures import Trouble
from kodosumi.cli.signals import hold_signals, on_stop
from kodosumi.domain.claims.file import holder
from kodosumi.settings import Settings

START = 30.0
"""Seconds that the daemon may take to start."""

STOP = 15.0
"""Seconds between SIGTERM and SIGKILL."""


@click.command()
@click.option("--block", "do", flag_value="block", help="Run in the foreground, until Ctrl-C.")
@click.option("--stop", "do", flag_value="stop", help="Stop the daemon.")
@click.option(
    "--status", "do", flag_value="status", help="Tell whether it runs; exit code 1 if not."
)
@click.option("--address", "ray_address", metavar="ADDR", help="Ray's head, host:port or auto.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the panel's data.")
def spool(*, do: str | None, ray_address: str | None, data: Path | None) -> None:
    """Run the spooler beside the panel, as a daemon.

    One spooler works at a time, the panel's own included: the others wait, and one of them takes
    over as soon as it ends.
    """
    settings = load(ray_address=ray_address, data=data)
    if do == "block":
        _block(settings)
    elif do == "stop":
        _stop(settings)
    elif do == "status":
        _status(settings)
    else:
        _daemonize(settings)


def _block(settings: Settings) -> None:
    _refuse_second(settings)
    logs.set_up(settings.log_level)
    hold_signals()
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    from kodosumi.cli.wiring import spool_alone  # noqa: PLC0415 - takes seconds

    task = asyncio.ensure_future(spool_alone(settings))
    on_stop(task.cancel)
    async with Claim(_pid_file(settings)):
        with suppress(asyncio.CancelledError):
            await task


def _daemonize(settings: Settings) -> None:
    _refuse_second(settings)
    log = _log(settings)
    command = [sys.executable, "-m", "kodosumi", "spool", "--block"]
    env = {
        **os.environ,
        "KODO_DATA": str(settings.data),
        "KODO_RAY_ADDRESS": settings.ray_address,
    }
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    until = time.monotonic() + START
    while _running(settings) != child.pid:
        if child.poll() is not None or time.monotonic() > until:
            msg = f"The spooler does not start; see {log}."
            raise Trouble(msg)
        time.sleep(0.1)
    click.echo(f"The spooler runs as process {child.pid}; its log is {log}.")


def _stop(settings: Settings) -> None:
    pid = _running(settings)
    if pid is None:
        click.echo("The spooler does not run.")
        return
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP
    while _running(settings) == pid:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    click.echo("The spooler is stopped.")


def _status(settings: Settings) -> None:
    """Tell of the daemon that belongs to this data folder, and of who spools, wherever it is."""
    from kodosumi.cli.wiring import spooling_process  # noqa: PLC0415 - takes seconds

    pid = _running(settings)
    runs = "does not run" if pid is None else f"runs as process {pid}"
    works = asyncio.run(spooling_process(settings))
    text = f"The spooler {runs}. Events are stored by {works or 'nobody'}."
    if pid is None:
        raise Trouble(text)
    click.echo(text)


def _refuse_second(settings: Settings) -> None:
    if (pid := _running(settings)) is not None:
        msg = f"The spooler runs already, as process {pid}. Stop it with koco spool --stop."
        raise Trouble(msg)


def _running(settings: Settings) -> int | None:
    """Return the process id of the daemon of this data folder."""
    found = holder(_pid_file(settings))
    return found.pid if found else None


def _pid_file(settings: Settings) -> Path:
    return settings.data / "spool.pid"


def _log(settings: Settings) -> Path:
    folder = settings.data / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "spool.log"
