"""`koco serve`: the panel."""

from pathlib import Path
from typing import Any

import click

from kodosumi.cli.config import load, panel_options
from kodosumi.cli.signals import hold_signals


@click.command()
@panel_options
@click.option("--address", "ray_address", metavar="ADDR", help="Ray's head, host:port or auto.")
@click.option(
    "--spooler/--no-spooler", default=None, help="Spool in this process, or leave it to koco spool."
)
@click.option("--fd", type=int, hidden=True, help="A socket that listens already.")
def serve(data: Path | None, fd: int | None, **flags: Any) -> None:
    """Start the panel alone; it joins Ray when it is there.

    It migrates the database first.
    """
    settings = load(data=data, **flags)
    hold_signals()
    from kodosumi.cli.panel import run  # noqa: PLC0415 - takes seconds

    run(settings, fd)
