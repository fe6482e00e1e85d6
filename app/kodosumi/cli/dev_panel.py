"""The panel over the cluster's twin in memory; uvicorn calls `app` again after each change."""

import asyncio

import uvicorn
from litestar import Litestar

from kodosumi import paths
from kodosumi.cli import logs
from kodosumi.cli.wiring import open_database, open_migrated, panel
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.settings import Settings


def app() -> Litestar:
    """Return the panel as the environment says."""
    settings = Settings()
    logs.set_up(settings.log_level)
    return panel(settings, open_database(settings), FakeCluster(), development=True)


def run(settings: Settings) -> None:
    """Migrate, then serve until Ctrl-C."""
    asyncio.run(_migrate(settings))
    uvicorn.run(
        f"{__name__}:app",
        factory=True,
        reload=True,
        reload_dirs=[str(paths.ROOT / "app"), str(paths.TEMPLATES)],
        host=settings.host,
        port=settings.port,
        ws="none",
        timeout_graceful_shutdown=1,
    )


async def _migrate(settings: Settings) -> None:
    await (await open_migrated(settings)).close()
