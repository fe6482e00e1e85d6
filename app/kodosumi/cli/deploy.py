"""`koco deploy`: services onto Ray Serve, with a config file as Serve knows it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import click
import httpx

from kodosumi.cli.config import environment, load
from kodosumi.cli.dashboards import find_dashboard
from kodosumi.cli.examples import follow
from kodosumi.cli.failures import Trouble
from kodosumi.cluster.serve_config import check_config, names, read_config
from kodosumi.cluster.serve_deployer import READY, AppStatus, ServeDeployer
from kodosumi.domain.errors import UnavailableError

FILE = Path("config.yaml")

Work = Callable[[ServeDeployer], Awaitable[None]]


@click.command()
@click.option("-f", "--file", type=click.Path(path_type=Path), default=FILE, show_default=True)
@click.option("--run", "do", flag_value="run", default=True, help="Deploy, and wait for the end.")
@click.option(
    "--dry-run", "do", flag_value="dry-run", help="Check the file; say what would change."
)
@click.option("--status", "do", flag_value="status", help="Show what is deployed.")
@click.option("--shutdown", "do", flag_value="shutdown", help="Remove all services, and Serve.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--dashboard", "dashboard_url", metavar="URL", help="Where Ray's dashboard is.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the panel's data.")
def deploy(
    *, file: Path, do: str, as_json: bool, dashboard_url: str | None, data: Path | None
) -> None:
    """Deploy the services of a config file of Ray Serve.

    What the file does not name is removed, as `serve deploy` does. The exit code is 1 when an
    application is not running in the end.
    """
    settings = load(dashboard_url=dashboard_url, data=data)
    works: dict[str, Work] = {
        "run": lambda deployer: _run(deployer, file, as_json=as_json),
        "dry-run": lambda deployer: _dry_run(deployer, file, as_json=as_json),
        "status": lambda deployer: _status(deployer, as_json=as_json),
        "shutdown": lambda deployer: _shutdown(deployer, as_json=as_json),
    }
    asyncio.run(_with_deployer(find_dashboard(settings), works[do]))


async def _with_deployer(url: str, work: Work) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        await work(ServeDeployer(url, http, environment()))


async def _run(deployer: ServeDeployer, file: Path, *, as_json: bool) -> None:
    config = await asyncio.to_thread(read_config, file)
    await asyncio.to_thread(check_config, config, file)
    await deployer.deploy(config)
    if not names(config):
        _show([], as_json=as_json)
        return
    apps = await follow(deployer, lambda text: click.echo(text, err=True))
    _show(apps, as_json=as_json)
    if bad := [app.name for app in apps if app.status != READY]:
        msg = f"Not running: {', '.join(bad)}."
        raise Trouble(msg)


async def _dry_run(deployer: ServeDeployer, file: Path, *, as_json: bool) -> None:
    config = await asyncio.to_thread(read_config, file)
    await asyncio.to_thread(check_config, config, file)
    wanted = set(names(config))
    try:
        there = {app.name for app in await deployer.status()}
    except UnavailableError as error:
        click.echo(f"The file is good. {error}", err=True)
        there = set()
    plan = {
        "add": sorted(wanted - there),
        "update": sorted(wanted & there),
        "remove": sorted(there - wanted),
    }
    lines = [f"{verb:8}{name}" for verb, found in plan.items() for name in found]
    click.echo(json.dumps(plan, indent=2) if as_json else "\n".join(lines) or "Nothing to do.")


async def _status(deployer: ServeDeployer, *, as_json: bool) -> None:
    _show(await deployer.status(), as_json=as_json)


async def _shutdown(deployer: ServeDeployer, *, as_json: bool) -> None:
    await deployer.shutdown()
    _show([], as_json=as_json)


def _show(apps: Sequence[AppStatus], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(app) for app in apps], indent=2))
    elif not apps:
        click.echo("Nothing is deployed.")
    else:
        click.echo("\n".join(_table(apps)))


def _table(apps: Sequence[AppStatus]) -> list[str]:
    head = ("application", "status", "route", "message")
    rows = [head, *((app.name, app.status, app.route, app.message) for app in apps)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
