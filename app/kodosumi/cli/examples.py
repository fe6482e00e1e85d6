"""The example services: which ones, and how their deployment goes."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from kodosumi import paths
from kodosumi.cli.failures import Trouble
from kodosumi.cluster.serve_config import Config, pick, read_config
from kodosumi.cluster.serve_deployer import READY, AppStatus, ServeDeployer
from kodosumi.domain.errors import UnavailableError

ALL = "all"

LOOK = 1.0
"""Seconds between two looks at a deployment."""

_NOTHING: Config = {"applications": []}


def choose(wanted: str | None) -> tuple[Config, Path]:
    """Return the Serve config of the examples, and the folder that they are imported from.

    `wanted` is a list of names with commas between, `all` or empty for all, None for none.

    Raises:
        Trouble: there are no examples here.
        ConfigError: there is no such example.
    """
    if wanted is None:
        return _NOTHING, Path.cwd()
    root = next((root for root in (Path.cwd(), paths.ROOT) if _file(root).is_file()), None)
    if root is None:
        msg = f"There are no examples here: {_file(Path())} is missing. Run koco in the checkout."
        raise Trouble(msg)
    config = read_config(_file(root))
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    return (config if names in ([], [ALL]) else pick(config, names)), root


async def follow(deployer: ServeDeployer, say: Callable[[str], None]) -> Sequence[AppStatus]:
    """Tell how each application gets on; return when all are up, or have failed."""
    told: dict[str, tuple[str, str]] = {}
    while True:
        try:
            apps = await deployer.status()
        except UnavailableError:
            apps = []
        for app in apps:
            now = (app.status, app.message)
            if told.get(app.name) != now:
                say(_progress(app))
            told[app.name] = now
        if apps and all(app.settled for app in apps):
            return apps
        await asyncio.sleep(LOOK)


def _progress(app: AppStatus) -> str:
    if app.status == READY:
        return f"{app.name} is ready."
    if app.settled:
        return f"{app.name} has failed: {app.message or app.status}"
    return f"{app.name} is being deployed{f': {app.message}' if app.message else '.'}"


def _file(root: Path) -> Path:
    return root / "apps" / "config.yaml"
