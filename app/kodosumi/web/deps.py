"""What pages and API work with: the services of the domain, held by the application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from kodosumi.domain.catalog.catalog import Catalog
from kodosumi.domain.catalog.gateway import Gateway
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.jobs import Jobs
from kodosumi.domain.jobs.pages import EventPages
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.people.models import User
from kodosumi.domain.people.people import People
from kodosumi.domain.ports import Clock, Cluster
from kodosumi.settings import Settings

MOST = 2**53 - 1
"""The largest number of an event that an address may name: what browsers count to exactly."""

Visit = Request[User, str, State]
"""A request; `user` is None on open routes, `auth` is the session cookie or empty."""

AnyVisit = ASGIConnection[object, User, str, State]


@dataclass(frozen=True)
class Services:
    """The domain, wired for one panel."""

    settings: Settings
    clock: Clock
    db: Database
    cluster: Cluster
    hub: Hub
    store: EventStore
    people: People
    catalog: Catalog
    gateway: Gateway
    jobs: Jobs
    pages: EventPages


Daemon = Callable[[Services], Awaitable[None]]
"""A coroutine function that runs as long as the panel; its name is shown in `/health`."""


def services(visit: AnyVisit | Visit) -> Services:
    """Return the services of the application that serves this request."""
    return cast("Services", visit.app.state.services)
