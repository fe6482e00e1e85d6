"""A whole panel in memory: the real application over SQLite, a made-up cluster and service."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest.mock import patch

import httpx
from litestar import Litestar
from sqlalchemy import exists, insert, select

from kodosumi.cli.wiring import follower
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.db import Base, Database
from kodosumi.domain.people.models import Role, User
from kodosumi.settings import Settings
from kodosumi.web.app import create_app
from kodosumi.web.auth import SESSION_COOKIE
from kodosumi.web.deps import Daemon, Services
from kodosumi.web.render import Renderer
from kodosumi.wire import headers
from kodosumi.wire.events import Emitted, Kind, Meta, Payload, Status, dump
from kodosumi.wire.states import JobStatus

HOST = "http://panel.test"
NOW = 1_800_000_000.0
CAST = {
    "boss": Role.ADMIN,
    "operator": Role.OPERATOR,
    "owner": Role.MEMBER,
    "stranger": Role.MEMBER,
    "auditor": Role.AUDITOR,
}
JOB = "0" * 23 + "1"
SERVICE = "s" * 24
FORM = [
    {"type": "text", "name": "title", "label": "Title", "required": True},
    {"type": "password", "name": "secret", "label": "Secret"},
    {"type": "boolean", "name": "loud", "option": "Loud", "value": True},
    {"type": "submit", "text": "Go"},
]


shared_renderer = cache(Renderer)


class Clock:
    def now(self) -> float:
        return NOW


class FakeService:
    """Answers as `mode` says: launch, reject, fail, down, html."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.mode = "launch"
        self.headers = {"set-cookie": "a=b"}  # of a hand-written page
        self.status = 200
        self.elements = FORM
        self.seen: list[httpx.Request] = []
        self._cluster = cluster

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.mode == "down":
            msg = "refused"
            raise httpx.ConnectError(msg)
        if request.method == "GET" and self.mode == "html":
            page = "<form method='post'><input name='x'></form><script>steal()</script>"
            html = None if self.status in {204, 304} else page
            return httpx.Response(self.status, html=html, headers=self.headers)
        if request.method == "GET":
            return httpx.Response(200, json={"summary": "Poems", "elements": self.elements})
        return await self._posted(request)

    async def _posted(self, request: httpx.Request) -> httpx.Response:
        if self.mode == "reject":
            errors = {"title": ["Too plain."], "_global_": ["Think again."], "gone": ["Lost."]}
            return httpx.Response(200, json={"errors": errors, "elements": FORM})
        if self.mode == "fail":
            return httpx.Response(500, text="Set OPENAI_API_KEY first.")
        job = request.headers[headers.JOB]
        await self._cluster.begin(job)
        answer = {"result": job, "elements": FORM}
        return httpx.Response(200, json=answer, headers={headers.LAUNCH: job})


@dataclass
class Panel:
    app: Litestar
    cluster: FakeCluster
    service: FakeService
    users: dict[str, User]
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def domain(self) -> Services:
        return self.app.state.services

    async def cookie(self, name: str) -> str:
        return await self.domain.people._sessions.open(self.users[name], "tests", None)

    async def visitor(self, name: str = "") -> "Visitor":
        """Return the browser of `name`, signed in, or of nobody."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=HOST)
        self.clients.append(client)
        if name:
            client.cookies.set(SESSION_COOKIE, await self.cookie(name))
        return Visitor(client)

    async def job(self, owner: str = "owner", job_id: str = JOB) -> str:
        """Open a job that runs; its first two events are stored."""
        service = await self.domain.catalog.get(self.users["boss"], SERVICE)
        await self.domain.jobs.open(job_id, self.users[owner], service, {"title": "Rain"})
        await self.emit(job_id, Kind.META, Meta(summary="Poem about rain", entry_point="poems:run"))
        await self.emit(job_id, Kind.STATUS, Status(status=JobStatus.RUNNING))
        return job_id

    async def emit(self, job_id: str, kind: Kind, *payloads: Payload | str) -> None:
        """Store events of one kind in one transaction; a string is JSON text."""
        texts = [p if isinstance(p, str) else dump(p) for p in payloads]
        events = [Emitted(NOW, kind.value, text) for text in texts]
        assert await self.domain.store.record(job_id, events)

    async def say(self, job_id: str, *words: str) -> None:
        await self.emit(job_id, Kind.STDOUT, *map(dump, words))

    async def end(self, job_id: str, status: JobStatus = JobStatus.FINISHED) -> None:
        await self.emit(job_id, Kind.STATUS, Status(status=status))


class Visitor:
    """A browser without scripts."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.get = client.get

    async def token(self) -> str:
        page = await self.get("/me" if SESSION_COOKIE in self.client.cookies else "/login")
        return token_in(page.text)

    async def post(self, path: str, data: dict | None = None, **more) -> httpx.Response:
        """Send a form with its token."""
        form = {"_csrf": await self.token(), **(data or {})}
        return await self.client.post(path, data=form, **more)


def token_in(page: str) -> str:
    return re.search(r'name="_csrf" value="([^"]+)"', page)[1]


@asynccontextmanager
async def panel_in(
    folder: Path, url: str = "", cluster: FakeCluster | None = None, daemons: Sequence[Daemon] = ()
) -> AsyncIterator[Panel]:
    """Run a panel; several may share a database, by `folder` or `url`, and a cluster."""
    db = Database(url or f"sqlite+aiosqlite:///{folder}/panel.db")
    settings = Settings(data=folder, spooler=follower not in daemons, _env_file=None)
    cluster = cluster or FakeCluster()
    service = FakeService(cluster)
    http = httpx.AsyncClient(transport=httpx.MockTransport(service))
    with patch("kodosumi.web.app.Renderer", shared_renderer):  # compiling templates takes time
        app = create_app(settings, cluster, db, Clock(), http=http, daemons=daemons)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    users = await _fill(db)
    async with _alive(app):
        panel = Panel(app, cluster, service, users)
        yield panel
        await asyncio.gather(*(client.aclose() for client in panel.clients))


@asynccontextmanager
async def _alive(app: Litestar) -> AsyncIterator[None]:
    """Run the lifespan in a task of its own: pytest opens and closes fixtures in different ones."""
    up, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            up.set()
            await over.wait()

    task = asyncio.create_task(live())
    started = asyncio.create_task(up.wait())
    await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        over.set()
        await task


async def _fill(db: Database) -> dict[str, User]:
    users = {
        name: User(id=n, name=name, role=role, password="none", created_at=NOW, active=True)
        for n, (name, role) in enumerate(CAST.items(), 1)
    }
    async with db.transaction() as session:
        if await session.scalar(select(exists().where(User.id == 1))):
            return users
        session.add_all(users.values())
        await session.execute(insert(Service), [_service(SERVICE, "Poems", ["text"])])
        await session.execute(insert(Service), [_service("t" * 24, "Sums", ["maths", "fast"])])
    return users


def _service(service_id: str, summary: str, tags: list[str]) -> dict:
    return {
        "id": service_id,
        "source": "http://serve.test",
        "base_url": f"http://serve.test/{summary.lower()}",
        "path": "/",
        "method": "GET",
        "summary": summary,
        "description": f"Makes **{summary.lower()}** <script>alert(1)</script>",
        "author": "An Author",
        "organization": "",
        "version": "1.2",
        "tags": tags,
        "deprecated": False,
        "seen_at": NOW,
        "gone_at": None,
    }
