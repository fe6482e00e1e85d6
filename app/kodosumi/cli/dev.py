"""`koco dev`: the panel with a made-up cluster, for work on pages."""

import os
from typing import Any

import click

from kodosumi.cli.config import load, panel_options


@click.command()
@panel_options
def dev(**flags: Any) -> None:
    """Start the panel with a made-up cluster, reloading on change."""
    settings = load(**flags)
    os.environ |= {
        "KODO_HOST": settings.host,
        "KODO_PORT": str(settings.port),
        "KODO_DATA": str(settings.data),
        "KODO_REGISTER": ",".join(settings.register_urls),
    }
    from kodosumi.cli.dev_panel import run  # noqa: PLC0415 - takes seconds

    run(settings)
