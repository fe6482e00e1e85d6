"""`koco start`: all of it with one command."""

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from kodosumi.cli.addresses import listen
from kodosumi.cli.config import environment, for_services, load, panel_options
from kodosumi.cli.dashboards import find_dashboard, noted
from kodosumi.cli.examples import ALL, choose
from kodosumi.cli.panel_part import Panel
from kodosumi.cli.ray_part import JoinedRay, OwnRay
from kodosumi.cli.supervisor import Part, supervise
from kodosumi.cluster.local_ray import LocalRay, joining
from kodosumi.cluster.ports import free_port
from kodosumi.cluster.serve_config import Config, listen_on
from kodosumi.settings import Settings

FEW_CPUS = 8
"""Logical CPUs that Ray gets at least: services mostly wait, for models and for people."""

SERVE_PORT = 8001


@click.command()
@panel_options
@click.option(
    "--examples",
    is_flag=False,
    flag_value=ALL,
    metavar="[NAMES]",
    help="Deploy the example services: all, or names with commas between.",
)
@click.option("--no-examples", is_flag=True, help="Deploy none; this is the default.")
@click.option("--address", metavar="ADDR", help="Join the Ray at host:port; start none.")
@click.option("--no-ray", is_flag=True, help="Start the panel alone.")
def start(
    *,
    examples: str | None,
    no_examples: bool,
    address: str | None,
    no_ray: bool,
    **flags: Any,
) -> None:
    """Start Ray, Serve, example services and the panel; Ctrl-C stops them.

    Ray and Serve take ports of their own when the usual ones are in use. With --address or
    KODO_RAY_ADDRESS the Ray that runs there is joined, and left running.
    """
    settings = load(ray_address=address, warn=False, **flags)
    wanted = None if no_examples else examples
    if no_ray and (wanted is not None or address):
        msg = "--no-ray goes with neither --examples nor --address."
        raise click.UsageError(msg)
    config, root = choose(wanted)
    sock = listen(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if no_ray:
        asyncio.run(supervise([_panel(settings, sock)]))
    elif settings.ray_address == "auto":
        _with_own_ray(settings, sock, config, root)
    else:
        dashboard = find_dashboard(settings)
        asyncio.run(supervise([JoinedRay(dashboard, config), _panel(settings, sock)]))


def _with_own_ray(settings: Settings, sock: socket.socket, config: Config, root: Path) -> None:
    ray = LocalRay.plan(settings.ray_cpus or max(FEW_CPUS, os.cpu_count() or 1))
    taken = {ray.port, ray.dashboard_port, ray.client_port, settings.port}
    port = free_port(urlsplit(settings.serve_url).port or SERVE_PORT, taken)
    env = ray.environment(for_services(environment(), settings), imports=root)
    own = OwnRay(ray, env, _log(settings), listen_on(config, "127.0.0.1", port))
    joined = {"KODO_RAY_ADDRESS": ray.address, "KODO_SERVE_URL": f"http://127.0.0.1:{port}"}
    parts: Sequence[Part] = [own, _panel(settings, sock, **joining(environment()), **joined)]
    with noted(settings, ray.dashboard_url):
        asyncio.run(supervise(parts))


def _panel(settings: Settings, sock: socket.socket, **more: str) -> Panel:
    told = {
        "KODO_HOST": settings.host,
        "KODO_PORT": str(settings.port),
        "KODO_DATA": str(settings.data),
        "KODO_REGISTER": ",".join(settings.register_urls),
        "KODO_RAY_ADDRESS": settings.ray_address,
    }
    return Panel({**environment(), **told, **more}, sock)


def _log(settings: Settings) -> Path:
    """Return an empty log file for Ray."""
    path = settings.data / "logs" / "ray.log"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(b"")
    return path
