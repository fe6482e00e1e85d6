"""`koco serve`: the panel."""

from pathlib import Path
from typing import Any

import click

from kodosumi.cli.config import load, panel_options


@click.command()
@panel_options
@click.option("--address", "ray_address", metavar="ADDR", help="Ray's head, host:port or auto.")
@click.option(
    "--spooler/--no-spooler", default=None, help="Spool in this process, or leave it to koco spool."
)
def serve(data: Path | None, **flags: Any) -> None:
    """Start the panel alone; it joins Ray when it is there.

    It migrates the database first.
    """
    settings = load(data=data, **flags)
    from kodosumi.cli.panel import run  # noqa: PLC0415 - takes seconds

    run(settings)
