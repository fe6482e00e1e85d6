"""The panel as an ASGI application."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
from litestar import Litestar
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.types import ControllerRouterHandler

from kodosumi import paths
from kodosumi.domain.catalog.catalog import Catalog
from kodosumi.domain.catalog.gateway import Gateway
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.jobs import Jobs
from kodosumi.domain.jobs.pages import EventPages
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.people.people import People
from kodosumi.domain.ports import Clock, Cluster
from kodosumi.settings import Settings
from kodosumi.web import assets
from kodosumi.web.api import jobs as jobs_api
from kodosumi.web.api import services as services_api
from kodosumi.web.auth import Identify, check_routes, enforce, identify_lost
from kodosumi.web.csrf import check_csrf
from kodosumi.web.daemons import Watch
from kodosumi.web.deps import Daemon, Services
from kodosumi.web.errors import answer_error
from kodosumi.web.feeds import Feeds
from kodosumi.web.keys import load_keys
from kodosumi.web.pages import frames, health, job, jobs, log, me, session, styleguide
from kodosumi.web.pages import services as services_pages
from kodosumi.web.presence import Presence
from kodosumi.web.render import Renderer
from kodosumi.web.security import add_headers, refuse_nul
from kodosumi.web.shared import Errands

_MODULES = (assets, frames, health, job, jobs, log, me, services_pages, session)
_API = (jobs_api, services_api)


def create_app(
    settings: Settings,
    cluster: Cluster,
    db: Database,
    clock: Clock,
    *,
    http: httpx.AsyncClient | None = None,
    daemons: Sequence[Daemon] = (),
    development: bool = False,
) -> Litestar:
    """Return the panel over a migrated database.

    `daemons` run as long as it does. `http` reaches the services; the panel closes it, and `db`,
    at its end. `development` adds `/styleguide`.
    """
    client = http or httpx.AsyncClient(trust_env=False)
    services = _wire(settings, cluster, db, clock, client)
    renderer = Renderer(paths.TEMPLATES)
    watch = Watch()
    errands = Errands()
    feeds = Feeds(services, renderer, errands)
    app = Litestar(
        route_handlers=_routes(development=development),
        lifespan=[_lifespan(services, client, watch, errands, daemons)],
        middleware=[DefineMiddleware(Identify, exclude="^/static/")],
        guards=[refuse_nul, enforce, check_csrf],
        exception_handlers={Exception: answer_error},
        after_exception=[identify_lost],
        before_send=[add_headers],
        state=State(
            {
                "services": services,
                "renderer": renderer,
                "signer": load_keys(settings.data),
                "feeds": feeds,
                "presence": Presence(services.people, errands),
                "watch": watch,
            }
        ),
        openapi_config=None,
        logging_config=None,
    )
    check_routes(app)
    return app


def _wire(
    settings: Settings, cluster: Cluster, db: Database, clock: Clock, http: httpx.AsyncClient
) -> Services:
    hub = Hub()
    store = EventStore(db, hub)
    people = People(db, clock, session_idle=settings.session_idle, session_age=settings.session_age)
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        cluster=cluster,
        hub=hub,
        store=store,
        people=people,
        catalog=Catalog(db, http, clock, settings.serve_url, settings.register_urls),
        gateway=Gateway(http),
        jobs=Jobs(db, cluster, store, clock, settings.cancel_grace),
        pages=EventPages(db),
    )


def _routes(*, development: bool) -> list[ControllerRouterHandler]:
    modules = (*_MODULES, *_API, *((styleguide,) if development else ()))
    return [handler for module in modules for handler in module.route_handlers]


def _lifespan(
    services: Services,
    http: httpx.AsyncClient,
    watch: Watch,
    errands: Errands,
    daemons: Sequence[Daemon],
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: Litestar) -> AsyncIterator[None]:
        settings = services.settings
        password = settings.admin_password
        await services.people.ensure_first_admin(
            password.get_secret_value() if password else None, on_loopback=settings.on_loopback
        )
        await services.cluster.start()
        try:
            async with watch.running(daemons, services):
                yield
        finally:
            await services.cluster.stop()
            await services.jobs.close()
            await errands.settle()
            await http.aclose()
            await services.db.close()

    return run
