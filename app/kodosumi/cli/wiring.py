"""The composition root: settings become adapters, adapters become the panel or the spooler."""

import time
from pathlib import Path

from litestar import Litestar
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from kodosumi.background.keeper import Keeper
from kodosumi.background.prober import Prober
from kodosumi.background.sweeper import Sweeper
from kodosumi.cli.failures import WrongSettings
from kodosumi.cli.spooling import hear, spool_and_hear, spool_only
from kodosumi.cluster.ray_cluster import RayCluster
from kodosumi.domain import migrate
from kodosumi.domain.claims.holder import Holder
from kodosumi.domain.claims.spooling import who_spools
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.lost import LostJobs
from kodosumi.domain.people.people import People
from kodosumi.domain.ports import Cluster
from kodosumi.settings import Settings
from kodosumi.web.app import create_app
from kodosumi.web.deps import Daemon, Services


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""
        return time.time()


def open_database(settings: Settings) -> Database:
    """Return the database; nothing is opened yet.

    Raises:
        WrongSettings: its URL cannot be used, or its file not written.
    """
    try:
        url = make_url(settings.database_url)
        db = Database(settings.database_url)
    except (ArgumentError, ImportError) as error:
        msg = f"KODO_DATABASE is no usable SQLAlchemy URL: {error}"
        raise WrongSettings(msg) from error
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        _check_file(Path(str(url.database)))
    return db


def _check_file(path: Path) -> None:
    """Make the folder, and see that SQLite can write there: it would not tell what is wrong."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.open("ab").close()
    except OSError as error:
        msg = f"The database {path} cannot be written: {error.strerror}. See KODO_DATA."
        raise WrongSettings(msg) from error


async def open_migrated(settings: Settings) -> Database:
    """Return the database, brought to the newest form."""
    db = open_database(settings)
    await migrate.upgrade(db)
    return db


def open_cluster(settings: Settings) -> Cluster:
    """Return the adapter to Ray; it does not connect yet."""
    return RayCluster(settings.ray_address, settings.namespace)


def open_people(settings: Settings, db: Database) -> People:
    """Return the users of the panel."""
    return People(
        db,
        SystemClock(),
        session_idle=settings.session_idle,
        session_age=settings.session_age,
    )


def panel(
    settings: Settings, db: Database, cluster: Cluster, *, development: bool = False
) -> Litestar:
    """Return the panel over a migrated database; `development` adds the styleguide."""
    daemons: list[Daemon] = [prober, sweeper, keeper, spooler if settings.spooler else follower]
    return create_app(
        settings, cluster, db, SystemClock(), daemons=daemons, development=development
    )


async def prober(services: Services) -> None:
    """Look for services."""
    await Prober(services.catalog, services.settings.refresh).run()


async def sweeper(services: Services) -> None:
    """End the jobs that are lost, and remove the sessions that are over."""
    jobs = services.jobs
    lost = LostJobs(
        services.db, services.cluster, services.store, services.clock, lambda: jobs.ending
    )
    await Sweeper(lost, services.people).run()


async def keeper(services: Services) -> None:
    """Find out when the database takes changes again."""
    await Keeper(services.db).run()


async def spooler(services: Services) -> None:
    """Spool as soon as nobody else does; hear of what others commit."""
    await spool_and_hear(services.db, services.cluster, services.store, services.hub)


async def follower(services: Services) -> None:
    """Hear of what another process spools."""
    await hear(services.db, services.hub)


async def spool_alone(settings: Settings) -> None:
    """Spool in a process of its own, until cancelled."""
    db = await open_migrated(settings)
    cluster = open_cluster(settings)
    await cluster.start()
    try:
        await spool_only(db, cluster)
    finally:
        await cluster.stop()
        await db.close()


async def spooling_process(settings: Settings) -> Holder | None:
    """Return which process spools into the database, None if none does."""
    db = open_database(settings)
    try:
        empty = not db.is_sqlite and await migrate.current(db) is None
        return None if empty else await who_spools(db)
    finally:
        await db.close()
