"""This checkout's kodosumi: Ray, Serve with the service under load, and the panel."""

import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from urllib.parse import unquote

import httpx

from kodosumi.cli.processes import Child
from tests.bench.children import LOAD, Children
from tests.bench.house_stock import SUMMARY, Stock
from tests.bench.product import Launched, LogPage, Order, Seek
from tests.bench.sse import Dialect, Watch, watch
from tests.live import CSRF, JOB, ROOT, Live, PanelProcess, some_port

WARM, COLD = "Bench", "Bench cold"
DIALECT = Dialect(
    b"\n\n", re.compile(rb"^event: log$", re.MULTILINE), re.compile(rb"^event: end$", re.MULTILINE)
)


class House:
    """The product of this checkout; with `apart`, its spooler is a process of its own.

    The cold service runs under uvicorn, since settings in Serve's schema would give its runners an
    environment of their own, which costs Ray a second more.
    """

    name = "kodosumi"
    standby = True
    sign_in_page = Seek("/login", "password")
    http: httpx.AsyncClient

    def __init__(self, *, apart: bool = False, settings: dict[str, str] | None = None) -> None:
        self._apart = apart
        self._settings = settings or {}
        self._children = Children(self.name)
        self.folder = self._children.folder
        self._live: Live | None = None
        self._panel: PanelProcess | None = None
        self._spooler: Child | None = None
        self._paths: dict[str, str] = {}
        self._csrf = ""

    def start(self) -> None:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(LOAD), *_python_path()])
        self._live = live = Live(self._children.loop, self.folder)
        self._children.at_end(live.stop)
        live.start()
        bench = {
            "name": "bench",
            "route_prefix": "/bench",
            "import_path": "bench_service:fast_app",
        }
        live.deploy((), bench)
        cold = self._start_cold()
        self._panel = live.panel(
            KODO_REGISTER=cold,
            KODO_SPOOLER=str(not self._apart),
            **self._settings,
        )
        self._children.at_end(self._panel.stop)
        self._panel.start()
        if self._apart:
            self._start_spooler()
        visitor = self._panel.sign_in()
        self._paths = {name: visitor.service(name) for name in (WARM, COLD)}
        self._csrf = CSRF.search(visitor.http.get(self._paths[WARM]).text)[1]
        self._cookies = dict(visitor.http.cookies)

    def stop(self, *, keep: bool = False) -> None:
        self._children.close(keep=keep)

    def versions(self) -> dict[str, str]:
        command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
        commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return {
            "kodosumi": version("kodosumi"),
            "commit": commit.strip(),
            "ray": version("ray"),
            "python": sys.version.split()[0],
        }

    async def enter(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.url, cookies=self._cookies, timeout=120)

    @property
    def url(self) -> str:
        return self._panel.url

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def launch(self, order: Order, *, cold: bool = False) -> Launched:
        path = self._paths[COLD if cold else WARM]
        asked = time.time()
        answer = await self.http.post(path, data={**order.form(), "_csrf": self._csrf})
        answered = time.time()
        found = JOB.search(answer.headers.get("location", ""))
        assert found, f"{answer.status_code}: {answer.text[-500:]}"
        return Launched(found[1], asked, answered)

    async def watch(self, job: str, expected: int, stream: str = "") -> Watch:
        path = stream or f"/jobs/{job}/stream?after=0&tab=log"
        return await watch(f"{self.url}{path}", self.cookie, DIALECT, expected)

    async def end(self, job: str) -> None:
        await self.http.post(f"/jobs/{job}/termination", data={"_csrf": self._csrf})

    @asynccontextmanager
    async def stock(self) -> AsyncIterator[Stock]:
        stock = Stock(f"sqlite+aiosqlite:///{self._panel.data}/kodosumi.db")
        try:
            yield stock
        finally:
            await stock.close()

    def seeks(self, needle: str) -> dict[str, Seek]:
        found = {"HX-Request": "true", "HX-Request-Type": "partial"}
        return {
            "first page": Seek("/jobs", SUMMARY),
            "search": Seek(f"/jobs?q={needle}", unquote(needle)),
            "changes": Seek("/jobs", SUMMARY, found),
        }

    def log_page(self, job: str, lines: int) -> LogPage:
        return LogPage(f"/jobs/{job}?tab=log", f"#L{lines}")

    def pids(self, part: str) -> list[int]:
        children = {
            "panel": self._panel._child,
            "spooler": self._spooler,
            "ray": self._live._child,
        }
        child = children[part]
        return child.alive() if child else []

    def _start_cold(self) -> str:
        port = some_port()
        env = {
            **self._live.ray.environment(os.environ, imports=LOAD),
            "RAY_ADDRESS": self._live.ray.address,
            "KODO_STANDBY": "0",
            "BENCH_NAME": COLD,
        }
        command = [sys.executable, "-m", "uvicorn", "bench_service:app", "--port", str(port)]
        self._children.start("cold", [*command, "--log-level", "warning"], env)
        return f"http://127.0.0.1:{port}/openapi.json"

    def _start_spooler(self) -> None:
        env = {
            **os.environ,
            "KODO_DATA": str(self._panel.data),
            "KODO_RAY_ADDRESS": self._live.ray.address,
            **self._settings,
        }
        command = [sys.executable, "-m", "kodosumi", "spool", "--block"]
        self._spooler = self._children.start("spooler", command, env)


def _python_path() -> list[str]:
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [each for each in given if each and each != str(LOAD)]
